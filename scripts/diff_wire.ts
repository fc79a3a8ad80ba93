// diff_wire.ts: two servers asked the same: pipelined connections and the comparison of replies.

import { connect, type Socket } from "node:net";
import { encodeArgs, latin1, parseReply, type Reply } from "../tests/kit/resp.ts";
import type { Compare, Op } from "./diff_grammar.ts";

const REPLY_MS = 30_000;
const LF = 10;
const DASH = 45;

/** End of the reply at `pos`, or -1 when it has not arrived as a whole. */
function frameEnd(buf: Uint8Array, pos: number, end: number): number {
  let at = pos;
  for (let left = 1; left > 0; left--) {
    const type = buf[at];
    let value = 0;
    let negative = false;
    let i = at + 1;
    for (; i < end && buf[i] !== LF; i++) {
      if (buf[i] === DASH) negative = true;
      else if (buf[i] >= 48 && buf[i] <= 57) value = value * 10 + buf[i] - 48;
    }
    if (i >= end) return -1;
    at = i + 1;
    const isText = type === 0x24 || type === 0x3d || type === 0x21;
    if (isText && !negative) {
      at += value + 2;
      if (at > end) return -1;
    } else if ((type === 0x2a || type === 0x7e || type === 0x3e) && !negative) {
      left += value;
    } else if (type === 0x25) {
      left += 2 * value;
    }
  }
  return at;
}

/** A connection that sends many commands at once and gathers as many replies. */
export class Pipe {
  readonly #socket: Socket;
  #buf = new Uint8Array(1 << 16);
  #used = 0;
  #read = 0;
  #wanted = 0;
  #replies: string[] = [];
  #done: ((replies: string[]) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    const fail = (error: Error) => this.#failed?.(error);
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the server hung up")));
  }

  static open(port: number): Promise<Pipe> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(new Pipe(socket)));
      socket.setNoDelay(true);
      socket.once("error", reject);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  /** Sends commands, returns their replies as latin-1 texts. */
  ask(commands: readonly (readonly string[])[]): Promise<string[]> {
    this.#wanted = commands.length;
    this.#replies = [];
    const answered = new Promise<string[]>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no reply in time")), REPLY_MS);
      this.#done = (replies) => {
        clearTimeout(timer);
        resolve(replies);
      };
      this.#failed = (error) => {
        clearTimeout(timer);
        reject(error);
      };
    });
    this.#socket.write(commands.map(encodeArgs).join(""), "latin1");
    return answered;
  }

  #take(chunk: Uint8Array): void {
    if (this.#used + chunk.length > this.#buf.length) {
      const rest = this.#buf.subarray(this.#read, this.#used);
      const room = Math.max(this.#buf.length, 2 * (rest.length + chunk.length));
      const bigger = new Uint8Array(room);
      bigger.set(rest);
      this.#buf = bigger;
      this.#used = rest.length;
      this.#read = 0;
    }
    this.#buf.set(chunk, this.#used);
    this.#used += chunk.length;
    while (this.#replies.length < this.#wanted) {
      const end = frameEnd(this.#buf, this.#read, this.#used);
      if (end < 0) return;
      this.#replies.push(latin1(this.#buf, this.#read, end));
      this.#read = end;
    }
    const done = this.#done;
    this.#done = undefined;
    done?.(this.#replies);
  }
}

// ---- comparing

/**
 * Kinds of payloads of which only the length is the same: tables have their own order, and so have small sets that were
 * made of them; streams hold times.
 */
const OPEN_KINDS = [2, 4, 20, 21, 22];

function sorted(items: readonly Reply[]): string {
  return JSON.stringify(items.map((item) => JSON.stringify(item)).sort());
}

function sortedPairs(items: readonly Reply[]): string {
  if (items.length % 2 !== 0 || items.some((item) => item.items)) return sorted(items);
  const pairs: string[] = [];
  for (let i = 0; i < items.length; i += 2) pairs.push(JSON.stringify([items[i], items[i + 1]]));
  return JSON.stringify(pairs.sort());
}

/** A reply without its integers. */
function shape({ type, text, items }: Reply): string {
  if (items !== undefined) return `${type}[${items.map(shape).join(" ")}]`;
  return type === ":" ? type : JSON.stringify([type, text]);
}

/** A reply with everything that may differ made equal. */
function canonical(reply: Reply, compare: Compare, inside: readonly Compare[]): string {
  const { items } = reply;
  if (compare === "dump" && OPEN_KINDS.includes(reply.text.charCodeAt(0))) {
    return `${reply.text.charCodeAt(0)} ${reply.text.length}`;
  }
  if (compare === "shape") return shape(reply);
  if (items === undefined || compare === "exact") return JSON.stringify(reply);
  if (compare === "sort") return sorted(items);
  if (compare === "pairs") return sortedPairs(items);
  if (compare === "type") return reply.type;
  if (compare === "exec") {
    return JSON.stringify(items.map((item, i) => canonical(item, inside[i] ?? "exact", [])));
  }
  const found = items[1]?.items ?? [];
  return items[0]?.text + (compare === "scan" ? sorted(found) : sortedPairs(found));
}

/** Whether two replies to a command say the same. */
export function agree(op: Op, a: string, b: string): boolean {
  if (a === b) return true;
  if (op.compare === "exact") return false;
  if (a[0] !== b[0]) return false;
  const inside = op.inside ?? [];
  return canonical(parseReply(a).reply, op.compare, inside) ===
    canonical(parseReply(b).reply, op.compare, inside);
}
