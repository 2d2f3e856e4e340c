/** Rapier (Rust, wasm-bindgen): a pile of bodies falls; all positions, to the last bit. */
import { digest, type Program, requirePackage } from '../program.js';

// biome-ignore lint/suspicious/noExplicitAny: the package's own types are those of another install.
type Rapier = any;

export const program: Program<Rapier> = {
  async load() {
    const rapier = requirePackage('@dimforge/rapier2d-compat', 'dist/rapier.cjs');
    await rapier.init();
    return rapier;
  },
  work(rapier) {
    const world = new rapier.World({ x: 0, y: -9.81 });
    world.createCollider(rapier.ColliderDesc.cuboid(20, 0.5));
    const bodies = Array.from({ length: 120 }, (_, i) => {
      const description = rapier.RigidBodyDesc.dynamic().setTranslation(
        (i % 10) - 5 + i / 1000,
        2 + Math.floor(i / 10),
      );
      const body = world.createRigidBody(description);
      const shape = i % 3 === 0 ? rapier.ColliderDesc.ball(0.4) : rapier.ColliderDesc.cuboid(0.4, 0.3);
      world.createCollider(shape.setRestitution(0.3), body);
      return body;
    });
    for (let step = 0; step < 200; step++) world.step();
    const state = Float64Array.from(
      bodies.flatMap((body) => [body.translation().x, body.translation().y, body.rotation()]),
    );
    return [digest(new Uint8Array(state.buffer)), state.slice(0, 6).join(), digest(world.takeSnapshot())].join('\n');
  },
};
