/** box2d-wasm (C++, Emscripten) with its SIMD module: a pile of boxes falls; all positions, to the last bit. */
import { readFileSync } from 'node:fs';
import { type Program, packageFile, requirePackage } from '../../real/program.js';

// biome-ignore lint/suspicious/noExplicitAny: the package's types are made for browsers.
type Box2D = any;

export const program: Program<Box2D> = {
  load() {
    const wasmBinary = readFileSync(packageFile('box2d-wasm', 'dist/umd/Box2D.simd.wasm'));
    return requirePackage('box2d-wasm', 'dist/umd/Box2D.simd.js')({ wasmBinary });
  },
  work(box2d) {
    const { b2BodyDef, b2EdgeShape, b2PolygonShape, b2Vec2, b2World, b2_dynamicBody } = box2d;
    const gravity = new b2Vec2(0, -10);
    const world = new b2World(gravity);
    const ground = world.CreateBody(new b2BodyDef());
    const edge = new b2EdgeShape();
    edge.SetTwoSided(new b2Vec2(-40, 0), new b2Vec2(40, 0));
    ground.CreateFixture(edge, 0);
    const box = new b2PolygonShape();
    box.SetAsBox(0.5, 0.5);
    const bodies: Box2D[] = [];
    for (let i = 0; i < 60; i++) {
      const definition = new b2BodyDef();
      definition.set_type(b2_dynamicBody);
      definition.set_position(new b2Vec2((i % 6) * 0.9 - 3 + (i % 7) * 0.05, 1 + i * 0.8));
      definition.set_angle(i * 0.3);
      const body = world.CreateBody(definition);
      body.CreateFixture(box, 1);
      bodies.push(body);
    }
    const lines: string[] = [];
    for (let step = 0; step < 300; step++) {
      world.Step(1 / 60, 8, 3);
      if (step % 75 !== 74) continue;
      const places = bodies.map((body) => [body.GetPosition().get_x(), body.GetPosition().get_y(), body.GetAngle()]);
      lines.push(`${step}: ${places.flat().join(' ')}`);
    }
    return lines.join('\n');
  },
};
