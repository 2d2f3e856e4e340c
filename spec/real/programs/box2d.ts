/** Box2D (C++, Emscripten), the build with SIMD: a pyramid of boxes hit by balls and a swinging chain, 400 steps. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { digest, type Program, packageFile, requirePackage } from '../program.js';

/** What the program uses of the package; its own types want those of Emscripten. */
interface Vector {
  readonly x: number;
  readonly y: number;
}
interface Body {
  CreateFixture(shape: object, density: number): { SetRestitution(restitution: number): void };
  GetPosition(): Vector;
  GetLinearVelocity(): Vector;
  GetAngle(): number;
  GetAngularVelocity(): number;
  IsAwake(): boolean;
}
interface World {
  CreateBody(definition: object): Body;
  CreateJoint(definition: object): unknown;
  Step(seconds: number, velocityIterations: number, positionIterations: number): void;
  GetContactCount(): number;
}
interface Box2D {
  readonly b2_dynamicBody: number;
  b2Vec2: new (x: number, y: number) => Vector;
  b2World: new (gravity: Vector) => World;
  b2BodyDef: new () => { set_type(type: number): void; set_position(position: Vector): void };
  b2PolygonShape: new () => { SetAsBox(halfWidth: number, halfHeight: number): void };
  b2CircleShape: new () => { set_m_radius(radius: number): void };
  b2RevoluteJointDef: new () => { Initialize(a: Body, b: Body, anchor: Vector): void };
}
interface Context {
  readonly box2d: Box2D;
  readonly module: string;
}

const simdModule = 'Box2D.simd.wasm';

export const program: Program<Context> = {
  async load() {
    let module = '';
    const locateFile = (url: string, folder: string): string => {
      module = basename(url);
      return folder + url;
    };
    // Given as bytes: where there is a `fetch`, the package fetches a path of the file system, which Node's refuses.
    const wasmBinary = readFileSync(packageFile('box2d-wasm', `dist/umd/${simdModule}`));
    const box2d = (await requirePackage('box2d-wasm')({ locateFile, wasmBinary })) as Box2D;
    if (module !== simdModule) throw new Error(`the package took ${module}`);
    return { box2d, module };
  },
  work({ box2d, module }) {
    const { b2Vec2, b2World, b2BodyDef, b2PolygonShape, b2CircleShape, b2RevoluteJointDef } = box2d;
    const world = new b2World(new b2Vec2(0, -10));
    const bodies: Body[] = [];
    const add = (shape: object, x: number, y: number, density = 1): Body => {
      const definition = new b2BodyDef();
      if (density > 0) definition.set_type(box2d.b2_dynamicBody);
      definition.set_position(new b2Vec2(x, y));
      const body = world.CreateBody(definition);
      body.CreateFixture(shape, density).SetRestitution(0.2);
      bodies.push(body);
      return body;
    };
    const box = (width: number, height: number): object => {
      const shape = new b2PolygonShape();
      shape.SetAsBox(width / 2, height / 2);
      return shape;
    };
    add(box(100, 2), 0, -1, 0);
    for (let row = 0; row < 10; row++) {
      for (let i = 0; i < 10 - row; i++) add(box(0.9, 0.9), i - (10 - row) / 2, 0.5 + row);
    }
    for (let i = 0; i < 8; i++) {
      const ball = new b2CircleShape();
      ball.set_m_radius(0.3 + i / 20);
      add(ball, i * 0.7 - 3, 14 + i, 3);
    }
    let previous = add(box(1, 1), 12, 20, 0);
    for (let i = 0; i < 12; i++) {
      const link = add(box(1, 0.25), 12.5 + i, 20, 2);
      const joint = new b2RevoluteJointDef();
      joint.Initialize(previous, link, new b2Vec2(12 + i, 20));
      world.CreateJoint(joint);
      previous = link;
    }

    const lines = [module];
    for (let step = 1; step <= 400; step++) {
      world.Step(1 / 60, 8, 3);
      if (step % 20 !== 0) continue;
      const state = bodies.flatMap((body) => {
        const { x, y } = body.GetPosition();
        const { x: dx, y: dy } = body.GetLinearVelocity();
        return [x, y, body.GetAngle(), dx, dy, body.GetAngularVelocity(), Number(body.IsAwake())];
      });
      lines.push(
        `${step}: ${world.GetContactCount()} contacts, ${digest(new Uint8Array(new Float64Array(state).buffer))}`,
      );
    }
    const { x, y } = previous.GetPosition();
    lines.push(`the end of the chain is at ${x}, ${y}`);
    return lines.join('\n');
  },
};
