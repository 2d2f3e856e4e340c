import type { MemoryBudget } from '../support/memory-budget.js';
import { bare, hexText, isolate, Math } from '../support/primordials.js';
import type { Bodies, OpenBodies } from './bodies.js';
import { bodyDecoding } from './body-decoding.late.js';
import type { FailureContext } from './body-failures.js';
import { WasmDecodeError } from './errors.js';
import { Limit } from './limits.js';
import { ModuleInfo } from './module.js';
import { FunctionNameTable, findNameSection } from './names.js';
import { incomplete, Reader } from './reader.js';
import { SectionId, SectionReader, sectionLimits, sectionNames, sectionOrder } from './sections.js';
import type { BodySink } from './sink.js';

export interface DecoderEvents {
  /**
   * All that comes before the first function body is known (called once, also for modules without code). If it returns true,
   * `push` consumes no more this time.
   */
  onHeader?(info: ModuleInfo): boolean | void;
  /** Who takes the bodies, instead of a decoder that calls the sink. */
  readonly bodies?: OpenBodies;
  /** The bodies were decoded before: only their places are noted. */
  readonly skipBodies?: boolean;
}

/** End of what lies between sections: no module is that long. A small integer, so that the field stays one. */
const anywhere = 0x7fffffff;

const enum Phase {
  header = 0,
  sectionHeader = 1,
  count = 2,
  items = 3,
  elementEntries = 4,
  bodySize = 5,
  body = 6,
  dataBytes = 7,
  customName = 8,
  skip = 9,
  groupedImports = 10,
}

/**
 * The push decoder of modules (Core Specification, chapter 5). `push` consumes what it can and returns; all state
 * is in fields, so that chunks can end anywhere. Work is linear in the bytes consumed.
 */
export class ModuleDecoder {
  static {
    isolate(this);
  }

  readonly info: ModuleInfo;
  readonly #r = new Reader();
  readonly #sections: SectionReader;
  readonly #sink: BodySink;
  #bodies: Bodies | undefined;
  readonly #events: DecoderEvents;
  #phase: Phase = Phase.header;
  #section: number = SectionId.custom;
  #lastOrder = 0;
  /** Where the section's id is, and its contents begin. */
  #sectionAt = 0;
  #sectionStart = 0;
  #sectionEnd = 0;
  #remaining = 0;
  #headerSeen = false;
  #codeSeen = false;
  #bodyEnd = 0;
  /** The data segment whose bytes are coming. */
  #dataAt = 0;
  /** Bodies completed. */
  functionsDone = 0;
  /** Bodies that the function section promises. */
  functionsTotal = 0;

  /** @param memory what the module may hold. */
  constructor(sink: BodySink, events: DecoderEvents = {}, memory?: MemoryBudget) {
    this.info = new ModuleInfo(memory);
    this.#events = bare(events);
    this.#sections = new SectionReader(this.#r, this.info);
    this.#sink = sink;
  }

  /** Made when the first body comes: many modules that are decoded have none, or none that is new. */
  get #body(): Bodies {
    this.#bodies ??= this.#openBodies();
    return this.#bodies;
  }

  #openBodies(): Bodies {
    const context: FailureContext = {
      functionName: (index) => this.#functionName(index),
      originOf: (body, height) => bodyDecoding().originOf(body, height),
    };
    const { bodies } = this.#events;
    if (bodies !== undefined) return bodies(this.info, context);
    const { BodyDecoder } = bodyDecoding();
    return new BodyDecoder(this.info, this.#sink, context);
  }

  /** Bytes consumed. */
  get pos(): number {
    return this.#phase === Phase.body ? this.#body.pos : this.#r.pos;
  }

  /** Where the work is, for error messages: the opcode in a body, the next item elsewhere. */
  get at(): number {
    return this.#phase === Phase.body ? this.#body.at : this.#r.pos;
  }

  /** The function whose body is being decoded, or -1. */
  get functionIndex(): number {
    return this.#phase === Phase.body ? this.info.importedFunctions + this.functionsDone : -1;
  }

  /**
   * Bytes [0, end) of the module are in `bytes`. Consumes what it can.
   * @throws WasmDecodeError at the first wrong byte.
   */
  push(bytes: Uint8Array, end: number): void {
    const r = this.#r;
    r.bytes = bytes;
    r.limit = end;
    this.info.wire = bytes;
    while (r.limit >= r.wanted || r.limit >= r.end) {
      r.wanted = 0;
      const at = r.pos;
      try {
        if (!this.#step()) return;
      } catch (error) {
        if (error !== incomplete) throw error;
        r.pos = at;
        return;
      }
    }
  }

  /**
   * The module ends here.
   * @throws WasmDecodeError if it is truncated or inconsistent.
   */
  finish(bytes: Uint8Array, end: number): ModuleInfo {
    this.push(bytes, end);
    const r = this.#r;
    if (this.#phase !== Phase.sectionHeader || r.pos !== end) {
      if (end === 0) r.fail('BufferSource argument is empty', 0);
      if (this.#phase === Phase.body) {
        throw new WasmDecodeError(
          `unexpected end of the module in function #${this.info.importedFunctions + this.functionsDone}`,
          end,
        );
      }
      const inside = this.#phase <= Phase.sectionHeader ? '' : ` in the ${sectionNames[this.#section]} section`;
      r.fail(`unexpected end of the module${inside}`, end);
    }
    const info = this.info;
    this.#header();
    if (this.functionsTotal > 0 && !this.#codeSeen) {
      r.fail(`function count is ${this.functionsTotal}, but code section is absent`, end);
    }
    if (info.dataCount >= 0 && info.data.length !== info.dataCount) {
      r.fail(`data segments count ${info.data.length} mismatch (${info.dataCount} expected)`, end);
    }
    return info;
  }

  /** One item. False if nothing more can be consumed. */
  #step(): boolean {
    const r = this.#r;
    switch (this.#phase) {
      case Phase.header: {
        r.end = 8;
        r.need(8, 'magic word and version');
        this.#expect('magic word', '00 61 73 6d', 0);
        this.#expect('version', '01 00 00 00', 4);
        r.pos = 8;
        this.#phase = Phase.sectionHeader;
        return true;
      }
      case Phase.sectionHeader:
        return this.#sectionHeader();
      case Phase.count:
        this.#count();
        return true;
      case Phase.items:
        if (!this.#plainItems()) this.#item();
        return true;
      case Phase.elementEntries:
        if (this.#sections.plainElements()) return true;
        this.#sections.element();
        if (!this.#sections.inElement) this.#itemDone();
        return true;
      case Phase.groupedImports:
        this.#sections.groupedImport();
        if (!this.#sections.inImports) this.#itemDone();
        return true;
      case Phase.bodySize:
        if (this.#events.skipBodies === true || !this.#wholeBodies()) this.#bodySize();
        return true;
      case Phase.body:
        if (this.#events.skipBodies === true) {
          if (!this.#skipTo(this.#bodyEnd)) return false;
        } else if (!this.#body.run(r.bytes, r.limit)) return false;
        r.pos = this.#bodyEnd;
        this.functionsDone++;
        if (--this.#remaining > 0) this.#phase = Phase.bodySize;
        else this.#endSection();
        return true;
      case Phase.dataBytes:
        return this.#dataBytes();
      case Phase.customName:
        r.skipName('section name');
        this.#phase = Phase.skip;
        return true;
      default:
        if (!this.#skipTo(this.#sectionEnd)) return false;
        this.info.customSections.add(this.#sectionAt);
        this.#endSection();
        return true;
    }
  }

  /** Four bytes of the header. */
  #expect(what: string, expected: string, at: number): void {
    let found = '';
    for (let i = at; i < at + 4; i++) found += `${i === at ? '' : ' '}${hexText(this.#r.bytes[i] as number, 2)}`;
    if (found !== expected) this.#r.fail(`expected ${what} ${expected}, found ${found}`, at);
  }

  /** Pass over bytes as far as they are here. True if all are. */
  #skipTo(end: number): boolean {
    const r = this.#r;
    r.pos = Math.min(end, r.limit);
    return r.pos === end;
  }

  /** Name of a function for an error message: the name section may be here already, behind the code. */
  #functionName(index: number): string | undefined {
    const { info } = this;
    const { bytes, limit } = this.#r;
    const section = findNameSection(bytes.subarray(0, limit), info.codeEnd);
    return section === undefined
      ? info.functionName(index)
      : new FunctionNameTable(section, info.functionCount).name(index);
  }

  #sectionHeader(): boolean {
    const r = this.#r;
    r.end = anywhere;
    if (r.pos >= r.limit) return false;
    const at = r.pos;
    const id = r.u8('section id');
    if (id > SectionId.tag) r.fail(`unknown section code #0x${hexText(id, 1)}`, at);
    const size = r.u32('section length');
    if (r.pos + size > Limit.moduleSize) r.fail(`section (code ${id}) extends past end of the module`, at);
    if (id !== SectionId.custom) {
      const order = sectionOrder[id];
      if (order <= this.#lastOrder) r.fail(`unexpected section <${sectionNames[id]}>`, at);
      this.#lastOrder = order;
    }
    this.#section = id;
    this.#sectionAt = at;
    this.#sectionStart = r.pos;
    this.#sectionEnd = r.pos + size;
    r.end = this.#sectionEnd;
    if (id === SectionId.custom) this.#phase = Phase.customName;
    else this.#phase = Phase.count;
    return true;
  }

  #endSection(): void {
    const r = this.#r;
    if (r.pos !== this.#sectionEnd) {
      const decoded = r.pos - this.#sectionStart;
      const size = this.#sectionEnd - this.#sectionStart;
      r.fail(`section was shorter than expected size (${size} bytes expected, ${decoded} decoded)`);
    }
    this.#phase = Phase.sectionHeader;
    r.end = anywhere;
  }

  /** The number of items, or the whole of a section that has only a number. */
  #count(): void {
    const r = this.#r;
    const info = this.info;
    const id = this.#section;
    if (id > SectionId.import && id !== SectionId.function) this.#closeImports();
    if (id === SectionId.start) {
      this.#sections.start();
      this.#endSection();
      return;
    }
    const at = r.pos;
    const count = r.u32(`${sectionNames[id]} count`);
    if (id === SectionId.dataCount) {
      if (count > Limit.dataSegments)
        r.fail(`data segments count of ${count} exceeds internal limit of ${Limit.dataSegments}`, at);
      info.dataCount = count;
      this.#endSection();
      return;
    }
    if (count > sectionLimits[id])
      r.fail(`${sectionNames[id]} count of ${count} exceeds internal limit of ${sectionLimits[id]}`, at);
    // Every item has at least one byte.
    if (count > this.#sectionEnd - r.pos)
      r.fail(`${sectionNames[id]} count of ${count} is larger than the section`, at);
    this.#remaining = count;
    if (id === SectionId.function) {
      this.#sections.beginFunctions(count);
      this.functionsTotal = count;
    } else if (id === SectionId.export) {
      this.#sections.beginExports(count);
    } else if (id === SectionId.code) {
      if (count !== this.functionsTotal) {
        r.fail(`function body count ${count} mismatch (${this.functionsTotal} expected)`, at);
      }
      this.#codeSeen = true;
      info.codeStart = r.pos;
      info.codeEnd = this.#sectionEnd;
      this.#header();
    } else if (id === SectionId.data && info.dataCount >= 0 && count !== info.dataCount) {
      r.fail(`number of data segments (${count}) does not match the data count section (${info.dataCount})`, at);
    }
    this.#phase = id === SectionId.code ? Phase.bodySize : Phase.items;
    if (count === 0) this.#lastItem();
  }

  /** Modules without a function section have the imported functions only. */
  #closeImports(): void {
    const { info } = this;
    const { importedTypes } = this.#sections;
    if (info.functionTypes.length > 0 || importedTypes.length === 0) return;
    this.#sections.beginFunctions(0);
    info.importedFunctions = importedTypes.length;
    info.setFunctions(this.#sections.functionTypes);
  }

  #itemDone(): void {
    if (--this.#remaining > 0) this.#phase = Phase.items;
    else this.#lastItem();
  }

  #lastItem(): void {
    if (this.#section === SectionId.function) {
      this.info.importedFunctions = this.#sections.importedTypes.length;
      this.info.setFunctions(this.#sections.functionTypes);
    } else if (this.#section === SectionId.export) this.#sections.endExports();
    this.#endSection();
  }

  /**
   * Items as most modules have them, as many as are here, in one loop: a step for each takes a cold process ten times as long.
   * False if there are none.
   */
  #plainItems(): boolean {
    let count = 0;
    if (this.#section === SectionId.function) count = this.#sections.plainFunctions(this.#remaining);
    else if (this.#section === SectionId.data) count = this.#sections.plainData(this.#remaining);
    if (count === 0) return false;
    this.#remaining -= count;
    if (this.#remaining === 0) this.#lastItem();
    return true;
  }

  #item(): void {
    const s = this.#sections;
    switch (this.#section) {
      case SectionId.type:
        s.type();
        break;
      case SectionId.import:
        s.import();
        if (s.inImports) {
          this.#phase = Phase.groupedImports;
          return;
        }
        break;
      case SectionId.function:
        s.function();
        break;
      case SectionId.table:
        s.table();
        break;
      case SectionId.memory:
        s.memory();
        break;
      case SectionId.global:
        s.global();
        break;
      case SectionId.tag:
        s.tag();
        break;
      case SectionId.export:
        s.export();
        break;
      case SectionId.element:
        s.elementHeader();
        if (s.inElement) {
          this.#phase = Phase.elementEntries;
          return;
        }
        break;
      default: {
        const at = this.#r.pos;
        const size = s.dataHeader();
        this.#dataAt = at;
        this.#bodyEnd = this.#r.pos + size;
        this.#phase = Phase.dataBytes;
        return;
      }
    }
    this.#itemDone();
  }

  #dataBytes(): boolean {
    if (!this.#skipTo(this.#bodyEnd)) return false;
    this.info.data.add(this.#dataAt);
    this.#itemDone();
    return true;
  }

  /** Bodies that are here whole, as many as can be run at once. False if there are none. */
  #wholeBodies(): boolean {
    const bodies = this.#body;
    if (bodies.runWhole === undefined || bodies.whole === undefined) return false;
    const r = this.#r;
    const { bodyOffset, bodySize, importedFunctions } = this.info;
    const first = importedFunctions + this.functionsDone;
    // As many as there is room for: what one more costs is counted before it is compiled.
    const most = Math.min(this.#remaining, bodyOffset.room, bodySize.room);
    const count = most > 0 ? bodies.runWhole(r.bytes, r.pos, r.limit, this.#sectionEnd, first, most) : 0;
    if (count === 0) return false;
    const { offsets, sizes } = bodies.whole(count);
    bodyOffset.pushAll(offsets);
    bodySize.pushAll(sizes);
    r.pos = offsets[count - 1] + sizes[count - 1];
    this.functionsDone += count;
    this.#remaining -= count;
    if (this.#remaining === 0) this.#endSection();
    return true;
  }

  #bodySize(): void {
    const r = this.#r;
    const info = this.info;
    const at = r.pos;
    const size = r.u32('body size');
    if (size > Limit.functionSize) r.fail(`size ${size} > maximum function size (${Limit.functionSize})`, at);
    if (r.pos + size > this.#sectionEnd)
      r.fail(`expected ${size} bytes of function body, section has ${this.#sectionEnd - r.pos}`, at);
    const index = info.importedFunctions + this.functionsDone;
    info.bodyOffset.push(r.pos);
    info.bodySize.push(size);
    this.#bodyEnd = r.pos + size;
    if (this.#events.skipBodies !== true) this.#body.begin(index, r.pos, this.#bodyEnd);
    this.#phase = Phase.body;
  }

  /** Everything before the code is known. */
  #header(): void {
    if (this.#headerSeen) return;
    this.#headerSeen = true;
    const info = this.info;
    this.#closeImports();
    const r = this.#r;
    if (this.#events.onHeader?.(info) === true) r.limit = r.pos;
  }
}
