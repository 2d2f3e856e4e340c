/**
 * Finds in the engine's sources what asks the realm for a built-in: a program can redefine it. What runs while a module is
 * loaded is not looked at: a program comes later. Types decide, by TypeScript's own compiler.
 *
 *     node dist/spec/builtins/scan.js [FILE...]      all findings, allowed ones included
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { API, type Checker, type Symbol as TypeSymbol } from 'typescript/unstable/sync';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Rooms whose code runs beside programs. (`source-http` loads undici: the network's own world.) */
const rooms = ['runtime', 'stream', 'support', 'emitter', 'valuestack', 'backends'];
/** What makes built-ins the engine's own; what only tools and debug switches use; the table of opcodes, made at load. */
const exempt = new Set([
  'support/primordials.ts',
  'support/zod.ts',
  'stream/opcodes.ts',
  'stream/opcode-text.ts',
  'stream/source/source-http.ts',
  'backends/x64/disassemble.ts',
  'backends/ssa/dump.ts',
  'backends/ssa/checker.ts',
  'emitter/debug-hooks.ts',
  'emitter/invariants.ts',
]);

/** Classes of the compiler core that are cut off from outside. */
const isolatedElsewhere = [
  'src/runtime/compile/isolated-core.ts',
  'src/tiering/isolated-tier.ts',
  'src/tiering/isolated-optimizing.ts',
]
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

/** Makes code images, as a tool; reading them is scanned. */
const makers = /^runtime\/image\/(linker|maker)/;

export type Rule =
  /** A global by its name. */
  | 'global'
  /** A method of a primitive, a function, a promise, a regular expression. */
  | 'method'
  /** A method of an array that the language has made. */
  | 'plain array method'
  /** An array that inherits from the realm's. */
  | 'array literal'
  /** Iteration by the realm's iterators: of a plain array, a map, an iterable. */
  | 'iteration'
  /** A class whose objects inherit from `Object.prototype`. */
  | 'class'
  /** The default constructor of a derived class iterates in older versions of V8. */
  | 'default constructor'
  /** A descriptor that inherits from `Object.prototype`. */
  | 'descriptor'
  | 'regular expression';

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly rule: Rule;
  /** What is asked for, in one line. */
  readonly code: string;
}

/** Interfaces of the library whose methods nobody has a copy of: each look-up goes to the realm. */
const shared =
  /^(String|Number|BigInt|Boolean|Symbol|Function|CallableFunction|NewableFunction|Promise|PromiseLike|RegExp|Date|ArrayBuffer|SharedArrayBuffer|Object|Error|\w+Constructor)$/;
/** Own properties of the objects that have them. */
const ownProperties = /^(length|name|prototype|message|cause|stack|lastIndex)$/;
/** Made at each use, by their constructors' own code: messages is all that they are given. */
const errors = /^(Error|TypeError|RangeError|AggregateError)$/;
/** Names of the language that cannot be redefined, or are no values. */
const constants = /^(undefined|NaN|Infinity|globalThis)$/;

function isFunction(node: Node): boolean {
  switch (node.kind) {
    case SyntaxKind.FunctionDeclaration:
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.Constructor:
    case SyntaxKind.GetAccessor:
    case SyntaxKind.SetAccessor:
    case SyntaxKind.PropertyDeclaration:
      return true;
    default:
      return false;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: nodes of all kinds, told apart by `kind`.
type Any = any;

/** The node without parentheses and assertions around it. */
function inner(node: Any): Any {
  let found = node;
  while (
    found.kind === SyntaxKind.ParenthesizedExpression ||
    found.kind === SyntaxKind.AsExpression ||
    found.kind === SyntaxKind.NonNullExpression ||
    found.kind === SyntaxKind.SatisfiesExpression
  ) {
    found = found.expression;
  }
  return found;
}

class FileScan {
  readonly findings: Finding[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #source: SourceFile;
  readonly #checker: Checker;
  readonly #names: Node[] = [];
  readonly #identifiers: Node[] = [];
  readonly #iterated: { at: Node; what: Node }[] = [];

  constructor(file: string, source: SourceFile, checker: Checker) {
    this.#file = file;
    this.#source = source;
    this.#text = source.text;
    this.#checker = checker;
  }

  run(): Finding[] {
    this.#visit(this.#source, false);
    this.#judgeNames();
    this.#judgeIdentifiers();
    this.#judgeIterated();
    return this.findings;
  }

  #add(rule: Rule, node: Any): void {
    const start: number = node.getStart(this.#source);
    const line = this.#text.slice(0, start).split('\n').length;
    const code = this.#text.slice(start, node.end).replace(/\s+/g, ' ').slice(0, 100);
    this.findings.push({ file: this.#file, line, rule, code });
  }

  #visit(node: Any, running: boolean): void {
    // A program runs when functions do, and static blocks do not.
    const within = running || isFunction(node);
    if (
      node.kind === SyntaxKind.TypeAliasDeclaration ||
      node.kind === SyntaxKind.InterfaceDeclaration ||
      (node.kind >= SyntaxKind.FirstTypeNode && node.kind <= SyntaxKind.LastTypeNode)
    ) {
      return;
    }
    if (node.kind === SyntaxKind.ClassDeclaration) this.#judgeClass(node);
    if (running) this.#look(node);
    node.forEachChild((child: Node) => {
      // Of a static field the value is made at once.
      const isStatic =
        node.kind === SyntaxKind.PropertyDeclaration && /^\s*(\w+ )*static /.test(this.#text.slice(node.pos, node.end));
      this.#visit(child, isStatic ? running : within);
    });
  }

  #look(node: Any): void {
    switch (node.kind) {
      case SyntaxKind.PropertyAccessExpression:
        this.#names.push(node);
        break;
      case SyntaxKind.Identifier:
        if (isReference(node)) this.#identifiers.push(node);
        break;
      case SyntaxKind.RegularExpressionLiteral:
        this.#add('regular expression', node);
        break;
      case SyntaxKind.ArrayLiteralExpression:
        if (!isArgumentList(node)) this.#add('array literal', node);
        break;
      case SyntaxKind.ForOfStatement:
      case SyntaxKind.SpreadElement:
        this.#iterated.push({
          at: node.kind === SyntaxKind.SpreadElement ? node : node.expression,
          what: node.expression,
        });
        break;
      case SyntaxKind.ArrayBindingPattern:
        this.#add('iteration', node);
        break;
      case SyntaxKind.CallExpression:
        this.#judgeDescriptor(node);
        break;
    }
  }

  #judgeClass(node: Any): void {
    const heritage = node.heritageClauses?.find((clause: Any) => clause.token === SyntaxKind.ExtendsKeyword);
    const hasConstructor = node.members.some((member: Any) => member.kind === SyntaxKind.Constructor);
    const isIsolated = node.members.some(
      (member: Any) =>
        member.kind === SyntaxKind.ClassStaticBlockDeclaration &&
        /\bisolate\(this\)/.test(this.#text.slice(member.pos, member.end)),
    );
    const heading = { ...node, getStart: () => node.getStart(this.#source), end: node.name.end };
    const isRoot = new RegExp(`^  ${node.name.text},$`, 'm').test(isolatedElsewhere);
    if (heritage === undefined && !isIsolated && !isRoot) this.#add('class', heading);
    if (heritage !== undefined && !hasConstructor) this.#add('default constructor', heading);
  }

  #judgeDescriptor(node: Any): void {
    const called = inner(node.expression);
    const name: string = called.kind === SyntaxKind.PropertyAccessExpression ? called.name.text : (called.text ?? '');
    const at = name === 'defineProperty' ? 2 : name === 'defineProperties' || name === 'create' ? 1 : -1;
    const given = at < 0 ? undefined : node.arguments[at];
    if (given !== undefined && inner(given).kind === SyntaxKind.ObjectLiteralExpression) this.#add('descriptor', given);
  }

  #judgeNames(): void {
    const symbols = this.#checker.getSymbolAtLocation(this.#names.map((node: Any) => node.name));
    for (const [i, symbol] of symbols.entries()) {
      const node = this.#names[i] as Any;
      const name: string = node.name.text;
      if (symbol === undefined || ownProperties.test(name) || !isOfLibrary(symbol)) continue;
      const owner = symbol.getParent()?.name ?? '';
      const receiver = inner(node.expression);
      if (shared.test(owner)) {
        // The static methods of the engine's own copies are copies, too.
        const isOwnCopy = receiver.kind === SyntaxKind.Identifier && this.#isImported(receiver.text);
        if (!isOwnCopy) this.#add('method', node);
      } else if (/^(Readonly)?Array$/.test(owner) && isPlainArray(receiver)) this.#add('plain array method', node);
    }
  }

  #isImported(name: string): boolean {
    return new RegExp(
      `import [^;]*\\b${name}\\b[^;]*support/primordials|import [^;]*\\b${name}\\b[^;]*\\./primordials|import [^;]*\\b${name}\\b[^;]*dialect`,
    ).test(this.#text);
  }

  #judgeIdentifiers(): void {
    const symbols = this.#checker.getSymbolAtLocation(this.#identifiers);
    for (const [i, symbol] of symbols.entries()) {
      const node = this.#identifiers[i] as Any;
      if (symbol === undefined || constants.test(node.text) || errors.test(node.text)) continue;
      if (isOfLibrary(symbol) && symbol.getParent() === undefined) this.#add('global', node);
    }
  }

  /** The engine's lists and sets iterate by themselves; what the language makes does not. Values have names, or are made here. */
  #judgeIterated(): void {
    const named = this.#iterated.filter(({ what }) => inner(what).kind === SyntaxKind.Identifier);
    const symbols = this.#checker.getSymbolAtLocation(named.map(({ what }) => inner(what)));
    const origins = new Map(named.map(({ what }, i) => [what, symbols[i]?.valueDeclaration?.resolve() as Any]));
    for (const { at, what } of this.#iterated) {
      const origin = origins.get(what);
      const made = origin?.initializer === undefined ? inner(what) : inner(origin.initializer);
      if (isPlainArray(made) || origin?.dotDotDotToken !== undefined || at.kind === SyntaxKind.SpreadElement) {
        // `f(...list)` of a list of the engine's; in an array literal, that one is found.
        const isList =
          at.kind === SyntaxKind.SpreadElement && !isPlainArray(made) && origin?.dotDotDotToken === undefined;
        if (!isList) this.#add('iteration', at);
      }
    }
  }
}

/** Declared by the language's library or by Node's types. */
function isOfLibrary(symbol: TypeSymbol): boolean {
  const { declarations } = symbol;
  return (
    declarations.length > 0 &&
    declarations.every(({ path }) => /\/lib\.[\w.]+\.d\.ts$|\/@types\/node\/|\/undici-types\//.test(path))
  );
}

/** An array that the language has just made: a literal, or what a built-in gives. */
function isPlainArray(node: Any): boolean {
  if (node.kind === SyntaxKind.ArrayLiteralExpression) return true;
  if (node.kind !== SyntaxKind.CallExpression) return false;
  const called = inner(node.expression);
  return (
    called.kind === SyntaxKind.PropertyAccessExpression &&
    /^(keys|entries|values|getOwnPropertyNames|ownKeys|from|of|split|match)$/.test(called.name.text) &&
    inner(called.expression).kind === SyntaxKind.Identifier
  );
}

/** An identifier that stands for a value. */
function isReference(node: Any): boolean {
  const { parent } = node;
  switch (parent.kind) {
    case SyntaxKind.PropertyAccessExpression:
      return parent.expression === node;
    case SyntaxKind.PropertyAssignment:
    case SyntaxKind.PropertyDeclaration:
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.GetAccessor:
    case SyntaxKind.SetAccessor:
    case SyntaxKind.EnumMember:
    case SyntaxKind.Parameter:
    case SyntaxKind.VariableDeclaration:
      return parent.name !== node;
    case SyntaxKind.BindingElement:
      return parent.initializer === node;
    case SyntaxKind.ImportSpecifier:
    case SyntaxKind.ExportSpecifier:
    case SyntaxKind.LabeledStatement:
    case SyntaxKind.BreakStatement:
    case SyntaxKind.ContinueStatement:
      return false;
    default:
      return true;
  }
}

/** `Reflect.apply(f, o, [a, b])` reads elements that are there. */
function isArgumentList(node: Any): boolean {
  const { parent } = node;
  if (parent.kind !== SyntaxKind.CallExpression) return false;
  const called = parent.expression;
  const name: string = called.kind === SyntaxKind.PropertyAccessExpression ? called.name.text : (called.text ?? '');
  return (
    /^(apply|construct|constructAs)$/.test(name) &&
    !node.elements.some((element: Any) => element.kind === SyntaxKind.SpreadElement)
  );
}

/** All findings in the engine's rooms, or in these files below `src`. */
export function scan(only: readonly string[] = []): Finding[] {
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProject: join(root, 'tsconfig.json') }).getProjects()[0];
    if (project === undefined) throw new Error('the project does not open');
    const found: Finding[] = [];
    for (const room of rooms) {
      for (const name of readdirSync(join(root, 'src', room), { recursive: true, encoding: 'utf8' }).sort()) {
        const file = join(room, name);
        if (!file.endsWith('.ts') || exempt.has(file) || makers.test(file) || (only.length > 0 && !only.includes(file)))
          continue;
        const source = project.program.getSourceFile(join(root, 'src', file));
        if (source === undefined) throw new Error(`${relative(root, file)} is not part of the project`);
        found.push(...new FileScan(file, source, project.checker).run());
      }
    }
    return found;
  } finally {
    api.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { file, line, rule, code } of scan(process.argv.slice(2)))
    console.log(`${file}:${line}\t${rule}\t${code}`);
}
