// persist_client.ts: the clients of persist_vs.ts, each in a process of its own, so that what one of them does is no pause
// of another.
//
//   fill  PORT KEYS SEED          sets all keys, in order, in large pieces; ends then
//   write PORT KEYS SEED RATE     SETs on random keys at a steady rate over a few connections
//   ping  PORT PID                a PING every millisecond, also while others are unanswered, to the server with this PID
//
// write and ping say what they saw since the last time, as a line of JSON, for each line on their standard input, and end
// with it. Keys are "key:" and 12 digits, values 64 bytes of random text that does not compress, both made from the seed.
// Figures are kept in typed arrays and requests in one buffer: nothing is left for a collector to stop for.
//
// NET is a round trip less the time in which the server's main thread was ready to run but had no processor
// (/proc/PID/schedstat): what others on the machine do to the server is not in it.

import { Buffer } from "node:buffer";
import { openSync, readSync } from "node:fs";
import { connect, type Socket } from "node:net";
import process from "node:process";

const HOST = "127.0.0.1";
const HEAD = "*3\r\n$3\r\nSET\r\n$16\r\nkey:";
const MIDDLE = "\r\n$64\r\n";
const DIGITS = 12;
const VALUE_BYTES = 64;
const DIGITS_AT = HEAD.length;
const VALUE_AT = DIGITS_AT + DIGITS + MIDDLE.length;
const REQUEST_BYTES = VALUE_AT + VALUE_BYTES + 2;
const REPLY_BYTES = "+OK\r\n".length;
const MINUS = 45;
const ZERO = 48;
const SPACE = 32;

const FILL_PIECE = 500;
const FILL_UNANSWERED_MAX = 20_000;

const CONNECTIONS = 10;
/** What was not sent in time is made up for, but not more than this at once. */
const LATE_MAX = 1000;
const UNANSWERED_MAX = 50_000;

const PINGS_MAX = 1 << 20;
const PONG_BYTES = "+PONG\r\n".length;

/** What a ping client has seen. Milliseconds; `late` are those by which it was itself behind its time. */
export interface PingFigures {
  count: number;
  p50: number;
  p99: number;
  p999: number;
  longest: number;
  longestNet: number;
  longestLate: number;
  over10: number;
}

/** What a writing client has done. */
export interface WriteFigures {
  seconds: number;
  rate: number;
}

/** A generator of words, good enough for keys and values. */
function wordsFrom(seed: number): () => number {
  let x = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

/** `count` requests in a buffer; keys and values are put into it again and again. */
class Requests {
  readonly bytes: Buffer;
  readonly #next: () => number;

  constructor(count: number, seed: number) {
    const one = HEAD + "0".repeat(DIGITS) + MIDDLE + "0".repeat(VALUE_BYTES) + "\r\n";
    this.bytes = Buffer.from(one.repeat(count), "latin1");
    this.#next = wordsFrom(seed);
  }

  /** Makes request `index` a SET of key number `key`. */
  put(index: number, key: number): void {
    const { bytes } = this;
    const at = index * REQUEST_BYTES;
    let rest = key;
    for (let i = at + DIGITS_AT + DIGITS - 1; i >= at + DIGITS_AT; i--) {
      bytes[i] = ZERO + rest % 10;
      rest = Math.floor(rest / 10);
    }
    for (let i = 0; i < VALUE_BYTES;) {
      let word = this.#next();
      for (let five = 0; five < 5 && i < VALUE_BYTES; five++) {
        bytes[at + VALUE_AT + i++] = ZERO + (word & 63);
        word >>>= 6;
      }
    }
  }

  below(max: number): number {
    return this.#next() % max;
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((done, reject) => {
    const socket = connect({ host: HOST, port, noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => done(socket));
  });
}

function refuseErrors(bytes: Uint8Array): void {
  const at = bytes.indexOf(MINUS);
  if (at < 0) return;
  throw new Error(`the server answers ${Buffer.from(bytes.subarray(at, at + 200)).toString()}`);
}

async function fill(port: number, keys: number, seed: number): Promise<void> {
  const socket = await open(port);
  let sent = 0;
  let answered = 0;
  let wake = () => {};
  socket.on("data", (bytes: Uint8Array) => {
    refuseErrors(bytes);
    answered += bytes.length / REPLY_BYTES;
    wake();
  });
  // A piece may still be on its way out when the next one is made.
  const pieces = Array.from({ length: FILL_UNANSWERED_MAX / FILL_PIECE + 2 }, (_, i) => {
    return new Requests(FILL_PIECE, seed * 1000 + i);
  });
  for (let turn = 0; sent < keys; turn++) {
    const requests = pieces[turn % pieces.length];
    const count = Math.min(FILL_PIECE, keys - sent);
    for (let i = 0; i < count; i++) requests.put(i, sent + i);
    socket.write(requests.bytes.subarray(0, count * REQUEST_BYTES));
    sent += count;
    while (sent - answered > FILL_UNANSWERED_MAX || (sent === keys && answered < keys)) {
      await new Promise<void>((done) => wake = done);
    }
  }
  socket.destroy();
}

/** Calls `report` for each line of standard input; the process ends with it. */
function answerLines(report: () => unknown): void {
  process.stdin.on("data", (bytes: Uint8Array) => {
    for (const byte of bytes) {
      if (byte === 10) console.log(JSON.stringify(report()));
    }
  });
  process.stdin.on("end", () => process.exit(0));
}

async function write(port: number, keys: number, seed: number, rate: number): Promise<void> {
  const sockets: Socket[] = [];
  let answered = 0;
  for (let i = 0; i < CONNECTIONS; i++) {
    const socket = await open(port);
    socket.on("data", (bytes: Uint8Array) => {
      refuseErrors(bytes);
      answered += bytes.length / REPLY_BYTES;
    });
    sockets.push(socket);
  }
  const rooms = sockets.map((_, i) => new Requests(LATE_MAX / CONNECTIONS, seed * 100 + i));
  let sent = 0;
  let startMs = performance.now();
  let sentMs = startMs;
  let answeredBefore = 0;
  setInterval(() => {
    const nowMs = performance.now();
    const due = Math.min(LATE_MAX, Math.floor((nowMs - sentMs) * rate / 1000));
    if (due < CONNECTIONS) return;
    sentMs = nowMs;
    if (sent - answered > UNANSWERED_MAX) return;
    const each = Math.floor(due / CONNECTIONS);
    sentMs -= (due - each * CONNECTIONS) * 1000 / rate;
    for (let i = 0; i < CONNECTIONS; i++) {
      // Still on its way out: this one waits.
      if (sockets[i].writableLength > 0) continue;
      for (let k = 0; k < each; k++) rooms[i].put(k, rooms[i].below(keys));
      sockets[i].write(rooms[i].bytes.subarray(0, each * REQUEST_BYTES));
      sent += each;
    }
  }, 1);
  answerLines((): WriteFigures => {
    const nowMs = performance.now();
    const seconds = (nowMs - startMs) / 1000;
    const figures = { seconds, rate: (answered - answeredBefore) / seconds };
    startMs = nowMs;
    answeredBefore = answered;
    return figures;
  });
}

/** The value below which a share of the first `count` values lies. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** How long a thread waited for a processor. */
class Waits {
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(128);

  constructor(pid: number) {
    this.#fd = openSync(`/proc/${pid}/schedstat`, "r");
  }

  /** Milliseconds, ever: the second of the numbers, which are nanoseconds. */
  get ms(): number {
    const { length } = this.#bytes;
    const count = readSync(this.#fd, this.#bytes, 0, length, 0);
    let ns = 0;
    for (let i = this.#bytes.indexOf(SPACE) + 1; i < count && this.#bytes[i] !== SPACE; i++) {
      ns = ns * 10 + this.#bytes[i] - ZERO;
    }
    return ns / 1e6;
  }
}

async function ping(port: number, pid: number): Promise<void> {
  const socket = await open(port);
  const request = Buffer.from("*1\r\n$4\r\nPING\r\n", "latin1");
  const sentAt = new Float64Array(1 << 16);
  const waitedAt = new Float64Array(1 << 16);
  const tripMs = new Float64Array(PINGS_MAX);
  const serverWaits = new Waits(pid);
  let sent = 0;
  let answered = 0;
  let bytesLeft = 0;
  let count = 0;
  let longestNet = 0;
  let longestLate = 0;
  let dueMs = performance.now();
  socket.on("data", (bytes: Uint8Array) => {
    const nowMs = performance.now();
    const waited = serverWaits.ms;
    bytesLeft += bytes.length;
    for (; bytesLeft >= PONG_BYTES; bytesLeft -= PONG_BYTES) {
      const ms = nowMs - sentAt[answered & 0xffff];
      if (count < PINGS_MAX) tripMs[count++] = ms;
      longestNet = Math.max(longestNet, ms - (waited - waitedAt[answered & 0xffff]));
      answered++;
    }
  });
  setInterval(() => {
    const nowMs = performance.now();
    longestLate = Math.max(longestLate, nowMs - dueMs - 1);
    dueMs = nowMs;
    if (sent - answered > 0xffff) return;
    waitedAt[sent & 0xffff] = serverWaits.ms;
    sentAt[sent++ & 0xffff] = performance.now();
    socket.write(request);
  }, 1);
  answerLines((): PingFigures => {
    // What is still unanswered has waited as long as it has.
    const nowMs = performance.now();
    if (sent > answered && count < PINGS_MAX) tripMs[count++] = nowMs - sentAt[answered & 0xffff];
    const sorted = tripMs.slice(0, count).sort();
    const figures = {
      count,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      p999: quantile(sorted, 0.999),
      longest: sorted[count - 1],
      longestNet,
      longestLate,
      over10: sorted.filter((ms) => ms > 10).length,
    };
    count = 0;
    longestNet = 0;
    longestLate = 0;
    return figures;
  });
}

if (import.meta.main) {
  const [role, ...numbers] = process.argv.slice(2);
  const [port, keys, seed, rate] = numbers.map(Number);
  if (role === "fill") {
    await fill(port, keys, seed);
    process.exit(0);
  }
  if (role === "write") await write(port, keys, seed, rate);
  else if (role === "ping") await ping(port, keys);
  else throw new Error(`no such client: ${role}`);
}
