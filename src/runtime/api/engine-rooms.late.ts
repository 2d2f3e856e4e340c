/** A process that imports the package and uses no engine loads none of its rooms: reading them takes longer than Node's own start. */
import * as rooms from './engine-rooms.js';

export const engineRooms = (): typeof rooms => rooms;
