// session.ts: one client connection: bytes in, bytes out.
//
// INPUT. Most reads hold whole requests: they are parsed in the engine's inbox and leave nothing behind. Only a
// read that ends inside a request gives the session a buffer and a parser of its own, until that request is complete.
// An idle connection holds neither.
//
//   feed -> inbox -> take: there or in an own buffer -> parser -> lookahead (64 requests) -> execute -> writer -> flush
//
// OUTPUT. Commands append to the engine's writer. flush() hands its bytes to the socket; what the socket does not take
// is copied to `pending`, in order, and goes out on `writable`. Limits on pending bytes are checked then.
//
// A session may be held (`hold`): by CLIENT PAUSE, by a blocking command, or because too many replies are unread. Its
// input then waits in its own buffer.

import { copyBytes } from "../bytes/ascii.ts";
import { PARSE_ERROR, PARSE_MORE, type RequestParser } from "../codec/request_parser.ts";
import type { BlockKind, ClientView } from "../commands/client_view.ts";
import type { Ctx } from "../commands/context.ts";
import type { ReplyWriter } from "../codec/reply_writer.ts";
import type { Socket } from "../platform/mod.ts";
import { BULK_BYTES_MAX, REPLY_BYTES_MAX_UNAUTHENTICATED } from "../limits.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import type { Blocked } from "./blocking.ts";
import { ReplyBuffer } from "./client_reply_buffer.ts";
import type { Engine } from "./engine.ts";
import { LOOKAHEAD_MAX } from "./lookahead.ts";
import { transactionEnd, transactionExec } from "./exec.ts";
import { ERR_OOM, execute } from "./execute.ts";
import {
  GATE_AUTH,
  GATE_LINK,
  GATE_MONITOR,
  GATE_MULTI,
  GATE_PUBSUB,
  GATE_PUSH,
  GATE_REPLY,
  GATE_ROOM,
  HOLD_OUTPUT,
} from "./gates.ts";
import { isOutOfMemory, LARGE_REQUEST_BYTES } from "./memory_reserve.ts";
import type { Subscriptions } from "./pubsub.ts";
import type { SessionTracking } from "./tracking.ts";
import { type Transaction, transactionStart } from "./transaction.ts";
import { watchAdd, watchDrop } from "./watch.ts";

const OWN_BUFFER_START = 1024;
/** A request under way is completed with so much of a piece at a time, where it does not say what it needs. */
const PART_BYTES_MIN = 256;
const KEEP_CHUNK_BYTES = 16384;
/** Bytes of messages for which a session that does not run is not kept waiting. */
const PUSHES_BYTES_MAX = 65536;

/** Who must know what of a stream was executed. */
export interface StreamLink {
  /** A request ran, or failed; `rest` bytes that have arrived are behind it. */
  ran(session: Session, rest: number, isError: boolean): void;
  /** A write is about to run that the disk does not take. */
  undurable(): void;
}

export class Session implements ClientView {
  readonly id: number;
  readonly engine: Engine;
  readonly socket: Socket;
  readonly createdMs: number;
  proto = 2;
  dbIndex = 0;
  name = "";
  libName = "";
  libVer = "";
  user = "default";
  authenticated: boolean;
  /** Logged in at some time, though RESET may have ended that. */
  wasAuthenticated = false;
  noEvict = false;
  noTouch = false;
  readsReplicas = false;
  capaRedirect = false;
  importSource = false;
  /** Gate bits of this session; 0 on the common path. */
  gates = 0;
  hold = 0;
  closing = false;
  closed = false;
  /** CLIENT REPLY: none at all; none for the next request; none for the running one. */
  replyOff = false;
  replySkipNext = false;
  replySkip = false;
  transaction: Transaction | null = null;
  /** Follows the data set (SYNC, PSYNC). */
  isReplica = false;
  /** A snapshot is on its way to it: output has no limit. */
  isTakingSnapshot = false;
  /** Told about each request of the primary's stream that ran; for the connection to the primary only. */
  link: StreamLink | null = null;
  /** End of the input in which the running requests are. */
  runEnd = 0;
  /** Number of the last byte of the replication stream that this client's writes led to. */
  writeOffset = 0;
  /** Called once when the connection has ended. */
  onEnd: (() => void) | null = null;
  /** What the client waits for, while a blocking command has no reply yet. */
  blocked: Blocked | null = null;
  /** The time of the running command is up: it must not wait any more. */
  mustAnswer = false;
  inExec = false;
  subscriptions: Subscriptions | null = null;
  tracking: SessionTracking | null = null;
  /** A handler gave up in the middle of its reply. */
  private replyBroken = false;
  /** What is left of the input is to be parsed again, at once. */
  private goesOn = false;
  /** Messages that wait for the end of the running command or batch. */
  private pushes: Uint8Array[] = [];
  pushBytes = 0;
  lastActiveMs: number;
  lastCommand = -1;
  /** Totals for CLIENT LIST. */
  netIn = 0;
  netOut = 0;
  commands = 0;
  readonly replyBuffer = new ReplyBuffer();
  /** Replies the socket has not taken yet. */
  pending: Uint8Array[] = [];
  pendingOff = 0;
  pendingBytes = 0;
  /** Its share of the sum that is held against maxmemory-clients. */
  countedBytes = 0;
  /** Wall time since when the soft limit is exceeded, or 0. */
  softLimitMs = 0;
  // ---- own input, only while a request is incomplete or held
  input: Uint8Array | null = null;
  inputEnd = 0;
  parser: RequestParser | null = null;

  constructor(engine: Engine, id: number, socket: Socket) {
    this.engine = engine;
    this.id = id;
    this.socket = socket;
    this.createdMs = engine.server.clock.wallMs();
    this.lastActiveMs = this.createdMs;
    this.authenticated = !engine.authRequired;
    if (!this.authenticated) this.gates |= GATE_AUTH;
  }

  get remote(): string {
    return this.socket.remote;
  }

  get local(): string {
    return this.socket.local;
  }

  get inMulti(): boolean {
    return this.transaction !== null && this.transaction.started;
  }

  /** Input bytes that wait for the rest of their request. */
  get inputBytes(): number {
    return this.input === null || this.parser === null ? 0 : this.inputEnd - this.parser.pos;
  }

  /** Takes a piece of input of any size, to be run at the end of the turn where there is one, else before it returns. */
  feed(bytes: Uint8Array, off: number, len: number): void {
    if (this.closing) return;
    try {
      this.engine.turn.arrived(this, bytes, off, len);
    } catch (error) {
      // There was no memory to keep it.
      this.fail(error);
    }
  }

  /** Takes a piece of input, runs it and sends the replies before it returns, whatever waits. */
  feedNow(bytes: Uint8Array, off: number, len: number): void {
    this.engine.freshen();
    this.take(bytes, off, len);
    this.engine.batchEnd();
    this.engine.turn.sendReplies();
  }

  /** Whether a piece of input may be read with those of others: nothing of this client waits, and it has no limits. */
  get mayReadAhead(): boolean {
    return this.input === null && this.hold === 0 && !this.closing && this.link === null &&
      (this.authenticated || !this.engine.authRequired);
  }

  /**
   * Runs what buf[off, off+len) completes and hands the replies on. `isRead` says that its requests are the ones to which
   * the lookahead went on.
   */
  take(buf: Uint8Array, off: number, len: number, isRead = false): void {
    if (this.closing) return;
    const { engine } = this;
    // What was published before comes before the replies to what arrives now.
    if (this.pushes.length > 0) this.sendPushes();
    engine.enter(this);
    engine.server.stats.netInputBytes += len;
    this.netIn += len;
    this.lastActiveMs = engine.ctx.nowMs;
    try {
      if (this.input === null && this.hold === 0) this.takeShared(buf, off, len, isRead);
      else this.takeOwn(buf, off, len);
    } catch (error) {
      this.crash(error);
    }
    engine.leave(len);
    this.flush();
    engine.active = null;
    engine.feeding = null;
    if (engine.turn.hasMessages) engine.turn.endSoon();
    if (engine.clientEviction.isCounting) {
      engine.clientEviction.count(this);
      engine.clientEviction.enforce();
    }
    engine.blocking.resume();
  }

  /** Goes on with input that was held. */
  resume(reason: number): void {
    this.hold &= ~reason;
    if (this.hold !== 0 || this.closing) return;
    this.socket.pauseInput(false);
    this.engine.freshen();
    this.take(NO_BYTES, 0, 0);
    this.engine.batchEnd();
  }

  /** Holds further requests until `resume` with the same reason. */
  holdInput(reason: number): void {
    this.hold |= reason;
  }

  /** Runs a piece where it lies. */
  private takeShared(buf: Uint8Array, off: number, len: number, isRead: boolean): void {
    const { engine } = this;
    const { parser, lookahead } = engine;
    const end = off + len;
    if (len >= LARGE_REQUEST_BYTES) this.gates |= GATE_ROOM;
    if (!isRead) {
      lookahead.drop();
      parser.reset();
      parser.pos = off;
    }
    this.run(parser, buf, end, isRead);
    // The parser is far ahead, at the end of the last piece.
    if (lookahead.hasPiece) return;
    if (this.closing || (parser.pos >= end && !parser.isPartial)) {
      parser.reset();
      this.gates &= ~GATE_ROOM;
      return;
    }
    // The rest waits: this session takes the parser with its state.
    engine.parser = engine.spareParser();
    this.parser = parser;
    const { start } = parser;
    const rest = end - start;
    this.input = new Uint8Array(roomFor(parser, rest));
    copyBytes(buf, start, this.input, 0, rest);
    this.inputEnd = rest;
    parser.rebase(0);
  }

  /**
   * Runs a piece behind what waits in the session's own buffer. A request under way gets no more of the piece than it needs
   * to be whole; the rest is run where it lies, for copying a large piece costs as much as running it.
   */
  private takeOwn(bytes: Uint8Array, off: number, len: number): void {
    if (this.parser === null) {
      this.parser = this.engine.spareParser();
      this.parser.pos = 0;
      this.parser.start = 0;
    }
    const parser = this.parser;
    let used = 0;
    let isPart = true;
    while (isPart && used < len && this.hold === 0 && !this.closing) {
      const part = Math.min(len - used, this.partBytes(parser));
      this.append(bytes, off + used, part);
      used += part;
      isPart = this.run(parser, this.input as Uint8Array, this.inputEnd, false, 1, len - used);
    }
    const extra = this.inputEnd - parser.pos;
    if (!isPart && this.hold === 0 && !this.closing && extra <= used) {
      this.giveOwn(parser);
      if (used - extra < len) this.takeShared(bytes, off + used - extra, len - used + extra, false);
      return;
    }
    if (used < len) this.append(bytes, off + used, len - used);
    // What was held, or came behind that.
    const isWhole = len === 0 || !isPart;
    if (isWhole && this.hold === 0) this.run(parser, this.input ?? NO_BYTES, this.inputEnd, false);
    this.keepOwn(parser);
  }

  /** How much more of its input the request under way is known to need, or may well. */
  private partBytes(parser: RequestParser): number {
    const have = this.inputEnd - (parser.isPartial ? parser.start : parser.pos);
    const need = parser.needBytes;
    return need > have ? need - have : Math.max(PART_BYTES_MIN, have);
  }

  private append(bytes: Uint8Array, off: number, len: number): void {
    const input = this.inputRoom(len);
    copyBytes(bytes, off, input, this.inputEnd, len);
    this.inputEnd += len;
    if (this.inputEnd >= LARGE_REQUEST_BYTES) this.gates |= GATE_ROOM;
  }

  private giveOwn(parser: RequestParser): void {
    this.engine.giveParser(parser);
    this.parser = null;
    this.input = null;
    this.inputEnd = 0;
    this.gates &= ~GATE_ROOM;
  }

  /** Gives up the own buffer unless something waits in it, and the connection when that is too much. */
  private keepOwn(parser: RequestParser): void {
    if (this.closing || (parser.pos >= this.inputEnd && !parser.isPartial)) {
      this.giveOwn(parser);
    } else if (this.inputEnd - parser.start > this.engine.queryBufferMax && this.link === null) {
      this.engine.server.stats.queryBufferLimitDisconnections++;
      this.engine.server.log.write(
        3,
        `Closing client that reached max query buffer length: id=${this.id}`,
      );
      this.close();
    }
  }

  /** The own buffer with room for `len` more bytes behind inputEnd. */
  private inputRoom(len: number): Uint8Array {
    const parser = this.parser as RequestParser;
    const old = this.input;
    if (old !== null && this.inputEnd + len <= old.length) return old;
    const start = parser.isPartial ? parser.start : parser.pos;
    const kept = this.inputEnd - start;
    const fits = old !== null && kept + len <= old.length && start > old.length >> 1;
    const target = fits ? old : new Uint8Array(roomFor(parser, kept + len));
    if (old !== null) copyBytes(old, start, target, 0, kept);
    if (!parser.isPartial) parser.start = parser.pos;
    parser.rebase(0);
    this.input = target;
    this.inputEnd = kept;
    return target;
  }

  /**
   * Parses and executes what is complete, `most` requests at a time, and no more than one when that is 1; the first ones
   * may have been read. `behind` bytes have arrived that are not in `buf`. True when the rest needs more input.
   */
  private run(
    parser: RequestParser,
    buf: Uint8Array,
    end: number,
    isRead: boolean,
    most: number = LOOKAHEAD_MAX,
    behind = 0,
  ): boolean {
    const { engine } = this;
    const { lookahead } = engine;
    if (!isRead) parser.bulkBytesMax = this.link === null ? engine.bulkBytesMax : BULK_BYTES_MAX;
    this.runEnd = end + behind;
    while (this.hold === 0 && !this.closing) {
      if (!isRead) {
        // Limits depend on being logged in, so an unknown client is read one request at a time.
        const isTrusted = this.authenticated || !engine.authRequired;
        parser.authenticated = isTrusted;
        lookahead.read(parser, buf, end, isTrusted ? most : 1);
        lookahead.prepare(parser, buf, engine.keyspace, engine.ctx.db, engine.table);
      }
      isRead = false;
      const found = lookahead.foundLast;
      if (this.runAll(parser, buf)) {
        if (found === PARSE_MORE) return true;
        if (found === PARSE_ERROR && !this.closing) {
          this.protocolError(parser);
          return false;
        }
      } else {
        if (!this.goesOn) return false;
        this.goesOn = false;
      }
      if (most === 1) return false;
    }
    return false;
  }

  /** Executes the requests read ahead; false when the rest is to be parsed again, with `goesOn` at once. */
  private runAll(parser: RequestParser, buf: Uint8Array): boolean {
    try {
      return this.runEach(parser, buf);
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      return this.outOfMemory(parser, error);
    }
  }

  /** A command found no memory: it says so, and the next one has its turn. Always false. */
  private outOfMemory(parser: RequestParser, error: unknown): boolean {
    const { engine } = this;
    const { ctx, table, requestEnd } = engine;
    // What was changed but cannot be told, and what has begun and cannot be ended, is no answer.
    const isTold = ctx.dirty === 0 && !this.inExec;
    if (!isTold || this.lastCommand < 0) throw error;
    ctx.out.pos = engine.replyStart;
    ctx.out.error(ERR_OOM);
    engine.countError(ctx.out);
    engine.server.failed[this.lastCommand]++;
    if (engine.propagation.active) {
      engine.propagation.ran(ctx);
      engine.propagation.end(true);
    }
    engine.server.log.write(
      3,
      `No memory for '${table.specs[this.lastCommand].name}' of ${this.id}`,
    );
    engine.lookahead.drop();
    parser.reset();
    parser.pos = requestEnd;
    parser.start = requestEnd;
    this.goesOn = true;
    return false;
  }

  /** Executes the requests read ahead, one by one; see runAll. */
  private runEach(parser: RequestParser, buf: Uint8Array): boolean {
    const { engine } = this;
    const { lookahead, ctx, propagation } = engine;
    const { from, to } = lookahead;
    for (let row = from; row < to; row++) {
      engine.replyStart = ctx.out.pos;
      engine.requestEnd = parser.endOf(row);
      lookahead.point(ctx, parser, row, buf);
      if (propagation.active) pointRaw(ctx, parser, row, buf);
      const isFree = this.hold === 0 && !this.closing;
      if (!isFree || !execute(engine, this, lookahead.ids[row], parser.bytesOf(row))) {
        const start = parser.startOf(row);
        lookahead.drop();
        parser.reset();
        parser.pos = start;
        parser.start = start;
        return false;
      }
      if (engine.blocking.hasReady) {
        engine.blocking.serve();
        // What the woken clients did may concern this one: it hears of it before it goes on.
        this.drainPushes(ctx.out);
      }
      if (ctx.out.pos > engine.flushPos || this.replyBroken) this.flushEarly();
    }
    return true;
  }

  private protocolError(parser: RequestParser): void {
    const { ctx, server } = this.engine;
    const mark = ctx.out.pos;
    ctx.out.errorText("ERR " + parser.error);
    this.engine.countError(ctx.out);
    if (this.replyOff || this.replySkipNext) ctx.out.pos = mark;
    server.log.write(
      1,
      `Protocol error (${parser.error}) from client: id=${this.id} addr=${this.remote}`,
    );
    this.closeAfterReply();
  }

  /** An exception that no one expected: this connection ends with an error, the server goes on. */
  private crash(error: unknown): void {
    const { ctx, replyStart } = this.engine;
    // Half a reply is worse than none, and the shared parser must not go on with this client's request.
    if (ctx.out.pos > replyStart) ctx.out.pos = replyStart;
    if (this.parser === null && this.engine.feeding === this) this.engine.forgetRead();
    this.inExec = false;
    this.noteUnexpected(error);
    ctx.out.errorText("ERR internal error, connection closed");
    this.closeAfterReply();
  }

  /** The same where nothing can be said to the client any more: what it has not got yet is dropped. */
  fail(error: unknown): void {
    this.noteUnexpected(error);
    this.close();
  }

  private noteUnexpected(error: unknown): void {
    const { server } = this.engine;
    server.stats.unexpectedErrors++;
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    server.log.write(3, `Unexpected error in client id=${this.id} addr=${this.remote}: ${stack}`);
  }

  // ---- output

  /**
   * Sends what the writer holds before the batch is through. Under a hard limit the replies of a batch wait for its end,
   * so that a client that asks for too much gets none of them.
   */
  private flushEarly(): void {
    const { engine } = this;
    if (this.replyBroken) engine.dropBatch(this);
    else if (engine.outputLimitOf(this).hard === 0) this.flush();
    else engine.checkBatch(this);
  }

  /** Sends what the writer holds: at the end of the turn, where there is one. */
  flush(): void {
    const { engine } = this;
    const { out } = engine.ctx;
    const len = out.size;
    if (len > 0) {
      this.replyBuffer.wrote(len);
      this.deliver(out.buf, out.start, len, engine.acknowledgements);
      out.clear();
    }
    if (!this.closing) return;
    engine.turn.sendReplies();
    if (this.pendingBytes === 0) this.finish();
  }

  /** Sends buf[off, off+len), behind what waits already; `marks` are those of `buf`. */
  private deliver(
    buf: Uint8Array,
    off: number,
    len: number,
    marks: Acknowledgements | null,
  ): void {
    if (!this.closed) {
      this.netOut += len;
      this.engine.server.stats.netOutputBytes += len;
      this.engine.turn.deliver(this, buf, off, len, marks);
    }
    if (marks !== null) marks.cut(off);
  }

  /** Hands bytes to the socket and keeps what that does not take. */
  transmit(buf: Uint8Array, off: number, len: number): void {
    if (this.closed) return;
    try {
      let taken = 0;
      if (this.pendingBytes === 0) taken = this.socket.write(buf, off, len);
      if (taken < len) this.keep(buf, off + taken, len - taken);
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * Runs something that writes replies for this client while the writer may hold those of another one, and sends them,
   * unless the client is not to hear of it.
   */
  reply(run: () => void, isSilent = false): void {
    const { ctx } = this.engine;
    const { out } = ctx;
    this.sendPushes();
    const mark = out.pos;
    const { replyStart, active } = this.engine;
    this.engine.replyStart = mark;
    this.engine.active = this;
    ctx.client = this;
    ctx.db = this.engine.keyspace.dbs[this.dbIndex];
    ctx.noTouch = this.noTouch;
    out.proto = this.proto;
    try {
      run();
    } catch (error) {
      this.crash(error);
    }
    this.engine.replyStart = replyStart;
    const { acknowledgements } = this.engine;
    if (this.replyOff || isSilent || out.pos === mark) acknowledgements.cut(mark);
    else this.deliver(out.buf, mark, out.pos - mark, acknowledgements);
    out.pos = mark;
    this.engine.tracking.sendOwn(this);
    this.sendPushes();
    this.engine.active = active;
    if (!this.closing) return;
    this.engine.turn.sendReplies();
    if (this.pendingBytes === 0) this.finish();
  }

  /**
   * Takes a message that is no reply to a request. It leaves behind the reply of the running command where this session
   * runs it, else at the end of the batch. `bytes` may be shared with other sessions.
   */
  push(bytes: Uint8Array): void {
    if (this.closing) return;
    if (this.pushes.length === 0) this.engine.turn.pushed(this);
    this.pushes.push(bytes);
    this.pushBytes += bytes.length;
    const { active, feeding } = this.engine;
    if (this.pushBytes > PUSHES_BYTES_MAX && active !== this && feeding !== this) this.sendPushes();
  }

  /** Appends waiting messages to the writer, which holds this session's replies. */
  drainPushes(out: ReplyWriter): void {
    this.engine.tracking.sendOwn(this);
    if (this.pushes.length === 0) return;
    for (const bytes of this.pushes) out.raw(bytes);
    this.pushes = [];
    this.pushBytes = 0;
  }

  /** Sends waiting messages. */
  sendPushes(): void {
    const { pushes } = this;
    if (pushes.length === 0) return;
    const bytes = this.engine.turn.joiner.join(pushes, this.pushBytes);
    this.pushes = [];
    this.pushBytes = 0;
    this.deliver(bytes, 0, bytes.length, null);
  }

  /** Sends buf[off, off+len) of a replication stream. */
  sendStream(buf: Uint8Array, off: number, len: number): void {
    if (this.closed) return;
    const { turn, server } = this.engine;
    turn.sendReplies();
    if (!turn.commit()) return;
    this.transmit(buf, off, len);
    this.netOut += len;
    server.stats.netOutputBytes += len;
    server.stats.replicationOutputBytes += len;
  }

  private keep(buf: Uint8Array, off: number, len: number): void {
    const last = this.pending.length - 1;
    if (last >= 0 && len < KEEP_CHUNK_BYTES && this.pending[last].length < KEEP_CHUNK_BYTES) {
      const joined = new Uint8Array(this.pending[last].length + len);
      joined.set(this.pending[last]);
      copyBytes(buf, off, joined, this.pending[last].length, len);
      this.pending[last] = joined;
    } else {
      this.pending.push(buf.slice(off, off + len));
    }
    this.pendingBytes += len;
    this.engine.outputGrew(this);
    this.engine.clientEviction.count(this);
    const isStranger = !this.authenticated && !this.wasAuthenticated && this.engine.authRequired;
    if (isStranger && this.pendingBytes > REPLY_BYTES_MAX_UNAUTHENTICATED) {
      this.engine.closeForOutput(this, "unauthenticated");
    }
  }

  /** The socket takes bytes again. */
  writable(): void {
    this.lastActiveMs = this.engine.server.clock.wallMs();
    const isSent = this.sendPending();
    if (this.closed) return;
    this.engine.clientEviction.count(this);
    if (!isSent) return;
    if (this.closing) {
      this.finish();
      return;
    }
    this.softLimitMs = 0;
    if ((this.hold & HOLD_OUTPUT) !== 0) this.resume(HOLD_OUTPUT);
  }

  /** Hands what is pending to the socket; false when it does not take all. */
  private sendPending(): boolean {
    while (this.pending.length > 0) {
      const chunk = this.pending[0];
      const len = chunk.length - this.pendingOff;
      let taken = 0;
      try {
        taken = this.socket.write(chunk, this.pendingOff, len);
      } catch (error) {
        this.fail(error);
        return false;
      }
      this.pendingBytes -= taken;
      if (taken < len) {
        this.pendingOff += taken;
        return false;
      }
      this.pending.shift();
      this.pendingOff = 0;
    }
    return true;
  }

  // ---- end

  closeAfterReply(): void {
    this.closing = true;
  }

  /** Ends the connection once its replies are sent; also outside of its own batch. */
  endSoon(): void {
    this.closing = true;
    this.engine.turn.sendReplies();
    if (this.pendingBytes === 0) this.finish();
  }

  /** Ends the connection at once, dropping unread replies. */
  close(): void {
    if (this.closed) return;
    this.closing = true;
    this.pending = [];
    this.pendingBytes = 0;
    this.finish(true);
  }

  /** The peer hung up or the transport failed. What it sent before is run. */
  ended(): void {
    this.engine.turn.runInput();
    this.closing = true;
    this.finish(true);
  }

  private finish(now = false): void {
    if (this.closed || this.engine.standstill.keeps(this, now)) return;
    this.closed = true;
    this.engine.blocking.release(this);
    this.onEnd?.();
    watchDrop(this);
    this.transaction = null;
    this.dropRoles();
    this.pushes = [];
    this.engine.forget(this);
    if (this.parser !== null) this.engine.giveParser(this.parser);
    this.parser = null;
    this.input = null;
    if (now) this.socket.destroy();
    else this.socket.end();
  }

  // ---- ClientView

  select(index: number): void {
    this.dbIndex = index;
    const db = this.engine.keyspace.dbs[index];
    db.wasSelected = true;
    this.engine.ctx.db = db;
  }

  setReplyMode(mode: "on" | "off" | "skip"): void {
    if (mode === "skip") {
      if (!this.replyOff) this.replySkipNext = true;
    } else {
      this.replyOff = mode === "off";
      this.replySkip = false;
    }
    if (this.replyOff || this.replySkipNext) this.gates |= GATE_REPLY;
    else this.gates &= ~GATE_REPLY;
  }

  /** Marks the connection as logged in as `user`. */
  login(user: string): void {
    this.user = user;
    this.authenticated = true;
    this.wasAuthenticated = true;
    this.gates &= ~GATE_AUTH;
  }

  reset(): void {
    this.multiDiscard();
    this.proto = 2;
    this.engine.ctx.out.proto = 2;
    this.select(0);
    this.name = "";
    this.noEvict = false;
    this.noTouch = false;
    this.readsReplicas = false;
    this.engine.ctx.noTouch = false;
    this.replyOff = false;
    this.replySkipNext = false;
    this.user = "default";
    this.authenticated = !this.engine.authRequired;
    this.dropRoles();
    this.gates = (this.gates & (GATE_PUSH | GATE_LINK)) | (this.authenticated ? 0 : GATE_AUTH);
  }

  /** Ends subscriptions, tracking and monitoring. */
  private dropRoles(): void {
    const { pubsub, tracking, monitors } = this.engine;
    pubsub.drop(this);
    tracking.disable(this);
    monitors.drop(this);
  }

  get isPrimary(): boolean {
    return this.link !== null;
  }

  get isSubscribed(): boolean {
    return (this.gates & GATE_PUBSUB) !== 0;
  }

  get isMonitor(): boolean {
    return (this.gates & GATE_MONITOR) !== 0;
  }

  monitor(): void {
    this.engine.monitors.add(this);
  }

  mayReply(bytesMax: number): boolean {
    const { hard } = this.engine.outputLimitOf(this);
    const bytes = this.pendingBytes + this.engine.ctx.out.size;
    if (bytes <= bytesMax && (hard === 0 || bytes <= hard)) return true;
    this.replyBroken = true;
    return false;
  }

  get mayBlock(): boolean {
    return !this.inExec && !this.mustAnswer;
  }

  get runsAgain(): boolean {
    return this.engine.blocking.isAgain;
  }

  block(kind: BlockKind, first: number, count: number, untilMs: number, onNoKey = false): void {
    this.engine.blocking.block(this, kind, first, count, untilMs, onNoKey);
  }

  blockArgument(index: number, bytes: Uint8Array): void {
    const request = this.blocked?.request;
    if (request === undefined) return;
    const buf = new Uint8Array(request.buf.length + bytes.length);
    buf.set(request.buf);
    buf.set(bytes, request.buf.length);
    request.off[index] = request.buf.length;
    request.len[index] = bytes.length;
    request.buf = buf;
  }

  standStill(): (rest: () => void) => void {
    return this.engine.standstill.begin(this);
  }

  multiStart(): void {
    transactionStart(this);
    this.gates |= GATE_MULTI;
  }

  multiExec(): void {
    transactionExec(this.engine, this);
  }

  multiDiscard(): void {
    transactionEnd(this);
    this.gates &= ~GATE_MULTI;
  }

  watch(dbIndex: number, buf: Uint8Array, off: number, len: number): void {
    watchAdd(this, dbIndex, buf, off, len);
  }

  unwatch(): void {
    watchDrop(this);
  }
}

/** Points the context at the bytes of a whole request. Inline words are copies that left their quotes and line ends. */
function pointRaw(ctx: Ctx, parser: RequestParser, row: number, buf: Uint8Array): void {
  ctx.rawOff = ctx.argBuf === buf ? parser.startOf(row) : -1;
  ctx.rawLen = parser.bytesOf(row);
}

/**
 * Bytes for a buffer that holds `have` bytes of the request under way: what the request is known to need, but never
 * much more than four times what really arrived, so that a mere claim costs nothing.
 */
function roomFor(parser: RequestParser, have: number): number {
  const need = parser.needBytes;
  if (need <= have) return Math.max(OWN_BUFFER_START, have * 2);
  return Math.max(OWN_BUFFER_START, Math.min(need, have * 4 + 65536));
}

const NO_BYTES = new Uint8Array(0);
