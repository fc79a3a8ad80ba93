// propagation.ts: the one stream of changes that files, replicas and observers read.
//
//   command ran, dirty > 0 -> unit: its words, or what it put in their place -> end of unit -> sinks
//
// A UNIT is a command with what it caused (expired keys, several effects), or a whole transaction. It goes out when it is
// complete, in one piece, between MULTI and EXEC when it holds more than one command; SELECT is put in front of a command
// whose database is not that of the one before. Commands that touch arbitrary keys by chance (SCAN, RANDOMKEY) and the
// upkeep pass on their deletions one by one.
//
//   MULTI | SELECT 0 | SET a 1 | SELECT 9 | DEL b | EXEC
//
// All bytes are RESP arrays of bulk strings. While there is no sink nothing is recorded.
//
// INVARIANT: between units `used` is 0. A sink must not keep the range it is given.

import { copyBytes, fromLatin1 } from "../bytes/ascii.ts";
import { INT64_TEXT_MAX, uintFormat } from "../bytes/int64.ts";
import type { Ctx } from "../commands/context.ts";
import type { Part, Propagator } from "../commands/propagate.ts";
import type { Database } from "../engine/keyspace.ts";
import type { Engine } from "./engine.ts";
import type { KeyspaceListener } from "./keyspace_events.ts";

/** Somebody who reads the stream of changes. */
export interface PropagationSink {
  /** Takes the bytes buf[off, off+len): whole units. */
  feed(buf: Uint8Array, off: number, len: number): void;
}

const START_BYTES = 4096;
const KEEP_BYTES_MAX = 1048576;
const HEAD_BYTES_MAX = INT64_TEXT_MAX + 3;
const MULTI = fromLatin1("*1\r\n$5\r\nMULTI\r\n");
const EXEC = fromLatin1("*1\r\n$4\r\nEXEC\r\n");

/** Collects units and hands them to the sinks. */
export class Propagation implements Propagator, KeyspaceListener {
  active = false;
  private engine: Engine;
  private sinks: PropagationSink[] = [];
  /** The unit under way, with room for MULTI in front. */
  private buf = new Uint8Array(START_BYTES);
  private used = 0;
  private commands = 0;
  /** Database of the last command in the stream, -1 when it must be named. */
  private dbIndex = -1;
  private replaced: readonly Part[] | null = null;
  private isSilent = false;
  private isForced = false;
  /** Whether a command runs; otherwise changes come from the upkeep. */
  private isRunning = false;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Starts feeding a sink; the next command names its database. */
  attach(sink: PropagationSink): void {
    this.sinks = [...this.sinks, sink];
    this.dbIndex = -1;
    this.active = true;
    this.engine.events.add(this);
  }

  /** The next command names its database: a sink begins something that is read by itself. */
  nameDatabase(): void {
    this.dbIndex = -1;
  }

  /** The database that the stream is in, 0 before it named one. */
  get database(): number {
    return Math.max(0, this.dbIndex);
  }

  detach(sink: PropagationSink): void {
    this.sinks = this.sinks.filter((other) => other !== sink);
    if (this.sinks.length > 0) return;
    this.active = false;
    this.engine.events.remove(this);
    this.reset();
  }

  // ---- Propagator

  instead(parts: readonly Part[]): void {
    if (this.active) this.replaced = parts;
  }

  also(parts: readonly Part[]): void {
    this.append(this.engine.ctx, parts);
  }

  nothing(): void {
    this.isSilent = this.active;
  }

  anyway(): void {
    this.isForced = this.active;
  }

  // ---- around commands

  /** A command is about to run. */
  begin(): void {
    this.isRunning = true;
  }

  /** A command ran: records it when it changed something. */
  ran(ctx: Ctx): void {
    const { replaced, isSilent } = this;
    const passes = (ctx.dirty > 0 || this.isForced) && !isSilent;
    this.replaced = null;
    this.isSilent = false;
    this.isForced = false;
    if (!passes) return;
    if (replaced !== null) this.append(ctx, replaced);
    else this.appendRequest(ctx);
  }

  /** The unit is complete. With `single` its commands are no transaction. */
  end(single: boolean): void {
    const { isRunning, engine } = this;
    this.isRunning = false;
    if (this.commands === 0) return;
    const { ctx, journal } = engine;
    if (isRunning && journal !== null && ctx.dirty > 0) {
      engine.acknowledgements.mark(engine.replyStart, ctx.out.pos);
    }
    const wraps = this.commands > 1 && !single;
    if (wraps) {
      this.reserve(MULTI.length + EXEC.length);
      this.buf.copyWithin(MULTI.length, 0, this.used);
      copyBytes(MULTI, 0, this.buf, 0, MULTI.length);
      this.used += MULTI.length;
      copyBytes(EXEC, 0, this.buf, this.used, EXEC.length);
      this.used += EXEC.length;
    }
    const { sinks } = this;
    for (let i = 0; i < sinks.length; i++) sinks[i].feed(this.buf, 0, this.used);
    this.reset();
  }

  private reset(): void {
    this.used = 0;
    this.commands = 0;
    if (this.buf.length > KEEP_BYTES_MAX) this.buf = new Uint8Array(START_BYTES);
  }

  // ---- keyspace

  /** A key's time came: it is deleted, by the name of the way its memory is freed. */
  expired(db: Database, buf: Uint8Array, off: number, len: number): void {
    const name = this.engine.keyspace.lazyExpire ? "UNLINK" : "DEL";
    this.appendTo(db.index, [name, buf.slice(off, off + len)]);
    if (!this.isRunning) this.end(true);
  }

  /** Fields' time came: they are deleted, and the key with the last one. */
  fieldsExpired(
    db: Database,
    buf: Uint8Array,
    off: number,
    len: number,
    isLast: boolean,
    names: readonly Uint8Array[],
  ): void {
    const key = buf.slice(off, off + len);
    this.appendTo(db.index, ["HDEL", key, ...names]);
    if (isLast) this.appendTo(db.index, [this.engine.keyspace.lazyExpire ? "UNLINK" : "DEL", key]);
    if (!this.isRunning) this.end(false);
  }

  // ---- bytes

  private append(ctx: Ctx, parts: readonly Part[]): void {
    this.appendTo(ctx.db.index, parts);
  }

  /** Adds a command for a database; numbers among the parts are arguments of the running command. */
  appendTo(dbIndex: number, parts: readonly Part[]): void {
    const { ctx } = this.engine;
    this.select(dbIndex);
    this.head(42, parts.length);
    for (const part of parts) {
      if (typeof part === "number") {
        this.bulk(ctx.argBuf, ctx.off[part], ctx.len[part]);
      } else {
        const bytes = typeof part === "string" ? fromLatin1(part) : part;
        this.bulk(bytes, 0, bytes.length);
      }
    }
    this.commands++;
  }

  private appendRequest(ctx: Ctx): void {
    const { argBuf, off, len, argc, rawOff, rawLen } = ctx;
    this.select(ctx.db.index);
    this.commands++;
    if (rawOff >= 0) {
      // There is one way only to write numbers that the parser takes: what came is what would be written.
      this.reserve(rawLen);
      copyBytes(argBuf, rawOff, this.buf, this.used, rawLen);
      this.used += rawLen;
      return;
    }
    this.head(42, argc);
    for (let i = 0; i < argc; i++) this.bulk(argBuf, off[i], len[i]);
  }

  private select(dbIndex: number): void {
    if (dbIndex === this.dbIndex) return;
    this.dbIndex = dbIndex;
    const bytes = fromLatin1(String(dbIndex));
    this.head(42, 2);
    this.bulk(SELECT, 0, SELECT.length);
    this.bulk(bytes, 0, bytes.length);
  }

  private head(type: number, n: number): void {
    this.reserve(HEAD_BYTES_MAX);
    const { buf } = this;
    let at = this.used;
    buf[at++] = type;
    at += uintFormat(n, buf, at);
    buf[at++] = 13;
    buf[at++] = 10;
    this.used = at;
  }

  private bulk(bytes: Uint8Array, off: number, len: number): void {
    this.head(36, len);
    this.reserve(len + 2);
    copyBytes(bytes, off, this.buf, this.used, len);
    this.used += len;
    this.buf[this.used++] = 13;
    this.buf[this.used++] = 10;
  }

  private reserve(bytes: number): void {
    if (this.used + bytes <= this.buf.length) return;
    const bigger = new Uint8Array(Math.max(this.buf.length * 2, this.used + bytes));
    bigger.set(this.buf.subarray(0, this.used));
    this.buf = bigger;
  }
}

const SELECT = fromLatin1("SELECT");
