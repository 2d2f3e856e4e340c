/** Rapier in three dimensions with SIMD (Rust, wasm-bindgen): bodies of all shapes fall; positions to the last bit, rays. */
import { digest, type Program, requirePackage } from '../program.js';

// biome-ignore lint/suspicious/noExplicitAny: the package is not among those that are always installed.
type Rapier = any;

export const program: Program<Rapier> = {
  async load() {
    const rapier = requirePackage('@dimforge/rapier3d-simd-compat', 'dist/rapier.cjs');
    await rapier.init();
    return rapier;
  },
  work(rapier) {
    const { ColliderDesc, JointData, RigidBodyDesc, World } = rapier;
    const world = new World({ x: 0, y: -9.81, z: 0 });
    world.createCollider(ColliderDesc.cuboid(20, 0.5, 20));
    const shapes = [
      () => ColliderDesc.ball(0.4),
      () => ColliderDesc.cuboid(0.4, 0.3, 0.5),
      () => ColliderDesc.capsule(0.3, 0.2),
      () => ColliderDesc.cylinder(0.4, 0.3),
      () => ColliderDesc.convexHull(new Float32Array([0, 0.5, 0, 0.4, -0.3, 0.4, -0.4, -0.3, 0.4, 0, -0.3, -0.5])),
    ];
    const bodies = Array.from({ length: 150 }, (_, i) => {
      const place = [(i % 5) - 2 + i / 1000, 2 + Math.floor(i / 25), (Math.floor(i / 5) % 5) - 2];
      const body = world.createRigidBody(RigidBodyDesc.dynamic().setTranslation(...place));
      world.createCollider(shapes[i % shapes.length]?.().setRestitution(0.3), body);
      return body;
    });
    for (let i = 0; i + 10 < bodies.length; i += 10) {
      const joint = JointData.spherical({ x: 0.5, y: 0, z: 0 }, { x: -0.5, y: 0, z: 0 });
      world.createImpulseJoint(joint, bodies[i], bodies[i + 1], true);
    }
    for (let step = 0; step < 150; step++) world.step();
    const state = Float64Array.from(
      bodies.flatMap((body) => {
        const { x, y, z } = body.translation();
        const { x: i, y: j, z: k, w } = body.rotation();
        return [x, y, z, i, j, k, w];
      }),
    );
    const hits = Array.from({ length: 40 }, (_, i) => {
      const ray = new rapier.Ray({ x: i / 8 - 2.5, y: 12, z: 0.3 }, { x: 0, y: -1, z: 0.01 });
      const hit = world.castRayAndGetNormal(ray, 30, true);
      return hit === null ? 'none' : `${hit.timeOfImpact} ${hit.normal.x} ${hit.normal.y} ${hit.normal.z}`;
    });
    return [digest(new Uint8Array(state.buffer)), state.slice(0, 7).join(), digest(world.takeSnapshot()), ...hits].join(
      '\n',
    );
  },
};
