/** The cases of the listings with nothing kept in registers between opcodes. */
import { testExecution } from './execution.js';

testExecution({ debug: { forceSpills: true, checkInvariants: true, checkUpperHalves: true } });
