// parser_fuzz.ts: random bytes, valid requests and damaged ones, in random pieces.
//
// Three things must hold. Undamaged requests come out as they went in. A stream gives the same requests and the same
// error however it is cut and whenever its buffer moves. And a whole session answers the same, with buffers no larger
// than what really arrived justifies.

import assert from "node:assert/strict";
import {
  PARSE_ERROR,
  PARSE_MORE,
  PARSE_REQUEST,
  RequestParser,
  REQUESTS_MAX,
} from "../../lib/codec/request_parser.ts";
import { SeededRandom } from "../kit/clock.ts";
import { bytesOf, encodeArgs, latin1 } from "../kit/resp.ts";
import { World } from "../kit/world.ts";

/** Bytes that mean something to the parser. */
const TELLING = "*$\r\n\0 \t\"'\\x0123456789-+:a";
const WORDS = ["ECHO", "PING", "SET", "GET", "APPEND", "NOSUCH", "MULTI", "EXEC", "DISCARD", ""];

function randomText(random: SeededRandom, most: number): string {
  let text = "";
  for (let left = random.below(most + 1); left > 0; left--) {
    text += random.chance(0.5)
      ? TELLING[random.below(TELLING.length)]
      : String.fromCharCode(random.below(256));
  }
  return text;
}

function randomArgs(random: SeededRandom): string[] {
  const args = [WORDS[random.below(WORDS.length)]];
  for (let left = random.below(5); left > 0; left--) {
    args.push(randomText(random, random.chance(0.02) ? 5000 : 12));
  }
  return args;
}

/** An inline line for arguments of any bytes. */
function inlineLine(args: readonly string[]): string {
  const quoted = args.map((arg) =>
    '"' + arg.replace(/[^]/g, (char) => "\\x" + char.charCodeAt(0).toString(16).padStart(2, "0")) +
    '"'
  );
  return quoted.join(" ") + "\r\n";
}

/** Changes, drops, doubles or cuts a few bytes. */
function damage(random: SeededRandom, text: string): string {
  let damaged = text;
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(damaged.length + 1);
    const rest = damaged.slice(at + random.below(3));
    const kind = random.below(4);
    const middle = kind === 0 ? "" : kind === 1 ? randomText(random, 3) : TELLING[random.below(16)];
    damaged = kind === 3 ? damaged.slice(0, at) : damaged.slice(0, at) + middle + rest;
  }
  return damaged;
}

interface Stream {
  text: string;
  /** The requests, when nothing was damaged. */
  requests: string[][] | null;
}

function randomStream(random: SeededRandom): Stream {
  let text = "";
  let requests: string[][] | null = [];
  for (let left = 1 + random.below(6); left > 0; left--) {
    const args = randomArgs(random);
    const isInline = random.chance(0.3);
    const request = isInline ? inlineLine(args) : encodeArgs(args);
    const kind = random.below(10);
    if (kind < 7) {
      text += request;
      requests?.push(args);
    } else if (kind === 7) {
      text += ["*0\r\n", "*-1\r\n", "\r\n", "  \n"][random.below(4)];
    } else {
      text += kind === 8 ? damage(random, request) : randomText(random, 30);
      requests = null;
    }
  }
  return { text, requests };
}

interface Outcome {
  requests: string[][];
  error: string;
}

/** Parses a stream that arrives in pieces; `moves` tells when the unread bytes change their place, `clears` when the table is. */
function parse(
  bytes: Uint8Array,
  pieceLen: () => number,
  moves: () => boolean,
  clears: () => boolean,
): Outcome {
  const parser = new RequestParser();
  const requests: string[][] = [];
  let buf = new Uint8Array(bytes.length);
  let end = 0;
  for (let fed = 0; fed < bytes.length;) {
    const len = Math.min(pieceLen(), bytes.length - fed);
    if (moves()) {
      const start = parser.isPartial ? parser.start : parser.pos;
      const moved = new Uint8Array(bytes.length).fill(42);
      moved.set(buf.subarray(start, end));
      if (!parser.isPartial) parser.start = parser.pos;
      parser.rebase(0);
      end -= start;
      buf = moved;
    }
    buf.set(bytes.subarray(fed, fed + len), end);
    fed += len;
    end += len;
    for (;;) {
      const found = parser.parse(buf, end);
      if (found === PARSE_MORE) break;
      if (found === PARSE_ERROR) return { requests, error: parser.error };
      if (found !== PARSE_REQUEST) continue;
      const { off, len: lens } = parser;
      const row = parser.count - 1;
      const first = parser.firstArg(row);
      const argBuf = parser.bufOf(row, buf);
      const args = Array.from(
        { length: parser.argCount(row) },
        (_, i) => latin1(argBuf, off[first + i], off[first + i] + lens[first + i]),
      );
      requests.push(args);
      if (parser.count === REQUESTS_MAX || clears()) parser.clear();
    }
    assert.ok(parser.off.length <= 64 + 4 * bytes.length, "room for arguments");
  }
  return { requests, error: "" };
}

/** Replies of a session, and whether the connection was ended. */
function converse(world: World, bytes: Uint8Array, pieceLen: () => number): [string, boolean] {
  const client = world.connect();
  let fed = 0;
  while (fed < bytes.length && !client.socket.closed) {
    const len = Math.min(pieceLen(), bytes.length - fed);
    client.session.feed(bytes, fed, len);
    fed += len;
    const room = client.session.input?.length ?? 0;
    assert.ok(room <= 4 * fed + 66_560, `${room} bytes of buffer for ${fed}`);
  }
  const outcome: [string, boolean] = [client.socket.reader.take(), client.socket.closed];
  client.close();
  return outcome;
}

/** Throws on the first difference. */
export function fuzz(
  seed: number,
  operations: number,
  log: (text: string) => void = () => {},
): void {
  const random = new SeededRandom(seed);
  const [wholeWorld, splitWorld] = [new World({ seed: 1 }), new World({ seed: 1 })];
  for (let n = 0; n < operations; n++) {
    const { text, requests } = randomStream(random);
    log(JSON.stringify(text));
    const bytes = bytesOf(text);
    const whole = parse(bytes, () => bytes.length, () => false, () => false);
    if (requests !== null) assert.deepEqual(whole, { requests, error: "" });
    const most = 1 + random.below(random.chance(0.5) ? 3 : 40);
    const pieceLen = () => 1 + random.below(most);
    assert.deepEqual(
      parse(bytes, pieceLen, () => random.chance(0.3), () => random.chance(0.2)),
      whole,
      "in pieces",
    );
    const answers = converse(wholeWorld, bytes, () => bytes.length);
    assert.deepEqual(converse(splitWorld, bytes, pieceLen), answers, "answers to pieces");
  }
}
