// The reply reader: every type, whole and byte by byte, errors, limits, hostile input, a fuzzer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reply, REPLY_DEPTH_MAX, ReplyReader } from "../../../lib/codec/reply_reader.ts";

/** Bytes of a string in which every character is one byte. */
function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A compact picture of a reply: kind, payload, items, attributes. */
function show(reply: Reply): string {
  const attributes = reply.attributes === null ? "" : `@{${reply.attributes.map(show).join(" ")}}`;
  const format = reply.format === "" ? "" : `/${reply.format}`;
  if (reply.kind === "nil") return `${attributes}nil${String.fromCharCode(reply.type)}`;
  if (["array", "map", "set", "push"].includes(reply.kind)) {
    return `${attributes}${reply.kind}[${reply.items.map(show).join(" ")}]`;
  }
  return `${attributes}${reply.kind}${format}<${textOf(reply.bytes)}>`;
}

/** Everything read from `chunks`, then the error if there is one. */
function readAll(chunks: Uint8Array[]): string[] {
  const reader = new ReplyReader();
  const seen: string[] = [];
  for (const chunk of chunks) {
    reader.feed(chunk);
    for (let reply = reader.next(); reply !== null; reply = reader.next()) seen.push(show(reply));
  }
  if (reader.error !== "") seen.push(`! ${reader.error}`);
  else if (reader.pending) seen.push("...");
  return seen;
}

function everyByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

const long = "x".repeat(70_000);

const rows: [name: string, wire: string, expected: string[]][] = [
  ["status", "+OK\r\n", ["status<OK>"]],
  ["empty status", "+\r\n", ["status<>"]],
  ["error", "-ERR no\r\n", ["error<ERR no>"]],
  ["integer", ":7\r\n:-1\r\n:0\r\n", ["integer<7>", "integer<-1>", "integer<0>"]],
  ["int64 limits", ":9223372036854775807\r\n:-9223372036854775808\r\n", [
    "integer<9223372036854775807>",
    "integer<-9223372036854775808>",
  ]],
  ["bulk", "$5\r\nhello\r\n", ["bulk<hello>"]],
  ["bulk of CRLF", "$4\r\n\r\n\r\n\r\n", ["bulk<\r\n\r\n>"]],
  ["bulk with every kind of byte", "$4\r\n\0\xff\xc3(\r\n", ["bulk<\0\xff\xc3(>"]],
  ["empty bulk", "$0\r\n\r\n", ["bulk<>"]],
  ["nils", "$-1\r\n*-1\r\n_\r\n", ["nil$", "nil*", "nil_"]],
  ["nested array", "*2\r\n*1\r\n:1\r\n$1\r\na\r\n", ["array[array[integer<1>] bulk<a>]"]],
  ["empty aggregates", "*0\r\n%0\r\n~0\r\n>0\r\n", ["array[]", "map[]", "set[]", "push[]"]],
  ["map", "%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n", [
    "map[status<a> integer<1> status<b> array[]]",
  ]],
  ["set and push", "~2\r\n:1\r\n:2\r\n>2\r\n+x\r\n+y\r\n", [
    "set[integer<1> integer<2>]",
    "push[status<x> status<y>]",
  ]],
  ["booleans", "#t\r\n#f\r\n#T\r\n", ["boolean<t>", "boolean<f>", "boolean<t>"]],
  ["doubles", ",1.5\r\n,inf\r\n,-inf\r\n,nan\r\n,1e-7\r\n,-.5\r\n", [
    "double<1.5>",
    "double<inf>",
    "double<-inf>",
    "double<nan>",
    "double<1e-7>",
    "double<-.5>",
  ]],
  ["big number", "(-123456789012345678901234567890\r\n", [
    "bignum<-123456789012345678901234567890>",
  ]],
  ["bulk error", "!6\r\nERR\r\nx\r\n", ["error<ERR\r\nx>"]],
  ["verbatim", "=7\r\ntxt:a\rb\r\n=4\r\nmkd:\r\n", ["verbatim/txt<a\rb>", "verbatim/mkd<>"]],
  ["attribute", "|1\r\n+ttl\r\n:3\r\n*1\r\n:1\r\n:2\r\n", [
    "@{status<ttl> integer<3>}array[integer<1>]",
    "integer<2>",
  ]],
  ["attribute inside, and two in a row", "*1\r\n|1\r\n+a\r\n+b\r\n|1\r\n+c\r\n+d\r\n:1\r\n", [
    "array[@{status<a> status<b> status<c> status<d>}integer<1>]",
  ]],
  ["empty attribute", "|0\r\n:1\r\n", ["@{}integer<1>"]],
  ["large bulk then more", `$70000\r\n${long}\r\n:1\r\n`, [`bulk<${long}>`, "integer<1>"]],
  ["incomplete", "*2\r\n:1\r\n$3\r\nab", ["..."]],
  ["unknown type", "+OK\r\nx", ["status<OK>", '! Protocol error, got "x" as reply type byte']],
  ["unknown binary type", "\x01", ['! Protocol error, got "\\x01" as reply type byte']],
  ["quote as type", '"', ['! Protocol error, got "\\"" as reply type byte']],
  ["newline as type", "\n", ['! Protocol error, got "\\n" as reply type byte']],
  ["bad integer", ":1x\r\n", ["! Bad integer value"]],
  ["integer with plus", ":+1\r\n", ["! Bad integer value"]],
  ["integer with zero in front", ":01\r\n", ["! Bad integer value"]],
  ["minus zero", ":-0\r\n", ["! Bad integer value"]],
  ["no integer", ":\r\n", ["! Bad integer value"]],
  ["above int64", ":9223372036854775808\r\n", ["! Bad integer value"]],
  ["below int64", ":-9223372036854775809\r\n", ["! Bad integer value"]],
  ["bad bulk length", "$a\r\n", ["! Bad bulk string length"]],
  ["negative bulk length", "$-2\r\n", ["! Bulk string length out of range"]],
  ["huge bulk length", "$9223372036854775807\r\n", ["! Bulk string length out of range"]],
  ["bad count", "*1.5\r\n", ["! Bad multi-bulk length"]],
  ["count out of range", "*4294967296\r\n", ["! Multi-bulk length out of range"]],
  ["negative count", "%-2\r\n", ["! Multi-bulk length out of range"]],
  ["bad boolean", "#y\r\n", ["! Bad bool value"]],
  ["long boolean", "#tt\r\n", ["! Bad bool value"]],
  ["bad nil", "_x\r\n", ["! Bad nil value"]],
  ["bad double", ",1.5x\r\n", ["! Bad double value"]],
  ["hexadecimal double", ",0x10\r\n", ["! Bad double value"]],
  ["double beyond range", ",1e999\r\n", ["! Bad double value"]],
  ["double too long", `,${"1".repeat(326)}\r\n`, ["! Double value is too large"]],
  ["bad big number", "(12-3\r\n", ["! Bad bignum value"]],
  ["bare CR in status", "+a\rb\r\n", ["! Bad simple string value"]],
  ["bare LF in error", "-a\nb\r\n", ["! Bad simple string value"]],
  ["verbatim without type", "=5\r\nabcde\r\n", [
    "! Verbatim string 4 bytes of content type are missing or incorrectly encoded.",
  ]],
  ["verbatim too short", "=3\r\ntxt\r\n", [
    "! Verbatim string 4 bytes of content type are missing or incorrectly encoded.",
  ]],
  ["nothing is read after an error", "?\r\n+OK\r\n", [
    '! Protocol error, got "?" as reply type byte',
  ]],
];

for (const [name, wire, expected] of rows) {
  test(`reply reader: ${name}`, () => {
    const bytes = latin1(wire);
    assert.deepEqual(readAll([bytes]), expected);
    assert.deepEqual(readAll(everyByte(bytes)), expected);
  });
}

test("reply reader: the dump of the header", () => {
  const dump = "2a 32 0d 0a 3a 37 0d 0a 24 31 0d 0a 61 0d 0a";
  const bytes = Uint8Array.from(dump.split(" "), (hex) => parseInt(hex, 16));
  assert.deepEqual(readAll([bytes]), ["array[integer<7> bulk<a>]"]);
});

test("reply reader: depth is limited on both sides of the limit", () => {
  const deep = latin1("*1\r\n".repeat(REPLY_DEPTH_MAX) + ":1\r\n");
  const reader = new ReplyReader();
  reader.feed(deep);
  let at = reader.next();
  for (let level = 0; level < REPLY_DEPTH_MAX; level++) at = at?.items[0] ?? null;
  assert.equal(at?.kind, "integer");
  const over = latin1("*1\r\n".repeat(REPLY_DEPTH_MAX + 1) + ":1\r\n");
  assert.deepEqual(readAll([over]), ["! Reply is nested too deeply"]);
  assert.deepEqual(readAll([latin1("|1\r\n".repeat(5000))]), ["! Reply is nested too deeply"]);
});

test("reply reader: announced sizes reserve nothing", () => {
  // A thousand readers, each told of 4 GiB and of 4 billion elements: allocating any of it fails.
  for (let round = 0; round < 1000; round++) {
    assert.deepEqual(readAll([latin1("*4294967295\r\n$4294967295\r\nabc")]), ["..."]);
  }
});

test("reply reader: input is copied", () => {
  const input = latin1("$5\r\nhello\r\n");
  const reader = new ReplyReader();
  reader.feed(input);
  const reply = reader.next();
  input.fill(0);
  assert.equal(reply === null ? "" : textOf(reply.bytes), "hello");
});

test("reply reader: a range of a larger buffer", () => {
  const reader = new ReplyReader();
  reader.feed(latin1("junk+OK\r\njunk"), 4, 9);
  const reply = reader.next();
  assert.equal(reply === null ? "" : show(reply), "status<OK>");
  assert.equal(reader.pending, false);
});

test("reply reader: a bulk of 32 MiB in small pieces takes linear work", () => {
  const size = 32 * 1024 * 1024;
  const piece = new Uint8Array(16 * 1024).fill(0x61);
  const reader = new ReplyReader();
  reader.feed(latin1(`$${size}\r\n`));
  for (let sent = 0; sent < size; sent += piece.length) {
    assert.equal(reader.next(), null);
    reader.feed(piece);
  }
  reader.feed(latin1("\r\n+end\r\n"));
  assert.equal(reader.next()?.bytes.length, size);
  assert.equal(textOf(reader.next()?.bytes ?? new Uint8Array(0)), "end");
});

test("reply reader: a backlog that is drained slowly keeps its order", () => {
  const reader = new ReplyReader();
  let next = 0;
  let read = 0;
  for (let round = 0; round < 2000; round++) {
    let batch = "";
    for (let index = 0; index < 20; index++) batch += `:${next++}\r\n`;
    reader.feed(latin1(batch));
    for (let index = 0; index < 15; index++) {
      assert.equal(textOf(reader.next()?.bytes ?? new Uint8Array(0)), String(read++));
    }
  }
  while (read < next) {
    assert.equal(textOf(reader.next()?.bytes ?? new Uint8Array(0)), String(read++));
  }
  assert.equal(reader.next(), null);
});

/** A small generator with a printed seed: the same seed gives the same run everywhere. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** A random value as bytes on the wire, and what the reader must make of it. */
function randomValue(random: () => number, depth: number): [wire: string, shown: string] {
  const attribute = depth < 5 && random() % 16 === 0;
  if (attribute) {
    const [keyWire, keyShown] = randomValue(random, depth + 3);
    const [valueWire, valueShown] = randomValue(random, depth + 5);
    const [wire, shown] = randomValue(random, depth + 5);
    return [`|1\r\n${keyWire}${valueWire}${wire}`, `@{${keyShown} ${valueShown}}${shown}`];
  }
  const choice = random() % (depth > 3 ? 6 : 10);
  if (choice === 0) {
    const value = random();
    return [`:${value}\r\n`, `integer<${value}>`];
  }
  if (choice === 1) return ["_\r\n", "nil_"];
  if (choice === 2) return ["#t\r\n", "boolean<t>"];
  if (choice === 3) return ["+fine\r\n", "status<fine>"];
  if (choice < 6) {
    const length = random() % 8 === 0 ? random() % 200_000 : random() % 40;
    const bytes = Array.from({ length }, () => String.fromCharCode(random() & 255)).join("");
    return [`$${length}\r\n${bytes}\r\n`, `bulk<${bytes}>`];
  }
  const count = random() % 5;
  const type = "*%~>"[choice - 6];
  const kind = ["array", "map", "set", "push"][choice - 6];
  let wire = `${type}${count}\r\n`;
  const shown: string[] = [];
  for (let index = 0; index < (type === "%" ? count * 2 : count); index++) {
    const [itemWire, itemShown] = randomValue(random, depth + 1);
    wire += itemWire;
    shown.push(itemShown);
  }
  return [wire, `${kind}[${shown.join(" ")}]`];
}

test("reply reader: random replies in random pieces", () => {
  const seed = 20_260_401;
  const random = generator(seed);
  for (let round = 0; round < 120; round++) {
    const values = Array.from({ length: 1 + random() % 6 }, () => randomValue(random, 0));
    const bytes = latin1(values.map(([wire]) => wire).join(""));
    const chunks: Uint8Array[] = [];
    for (let off = 0; off < bytes.length;) {
      const size = 1 + random() % (random() % 2 === 0 ? 7 : 50_000);
      chunks.push(bytes.subarray(off, off + size));
      off += size;
    }
    assert.deepEqual(readAll(chunks), values.map(([, shown]) => shown), `seed ${seed} ${round}`);
  }
});

test("reply reader: random bytes never throw and agree however they are cut", () => {
  const seed = 77;
  const random = generator(seed);
  const alphabet = latin1("+-:$*_#,(!=%~>|0123456789\r\n\r\n\r\nab");
  for (let round = 0; round < 400; round++) {
    const length = random() % 60;
    const bytes = Uint8Array.from({ length }, () => alphabet[random() % alphabet.length]);
    const whole = readAll([bytes]);
    assert.deepEqual(readAll(everyByte(bytes)), whole, `seed ${seed} round ${round}`);
  }
});
