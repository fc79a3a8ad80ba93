import { test } from "node:test";
import assert from "node:assert/strict";
import { cases } from "../../../kit/cases.ts";
import { World } from "../../../kit/world.ts";
import { Random } from "../../bytes/random.ts";

const TYPE = "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not " +
  "supported but i64 is.";
const OFFSET = "-ERR bit offset is not an integer or out of range";
const SYNTAX = "-ERR syntax error";
const MAX = "9223372036854775807";
const MIN = "-9223372036854775808";

cases("BITFIELD", [
  ["no operation", ["BITFIELD k"], "*0"],
  ["GET of an absent key", ["BITFIELD k GET u8 0 GET i64 100"], "*2 :0 :0"],
  ["GET makes no key", ["BITFIELD k GET u8 0", "EXISTS k"], ":0"],
  ["the layout", ["BITFIELD k SET u5 7 23", "GET k"], "$2 \x01\x70"],
  ["SET answers the old value", ["BITFIELD k SET u8 0 255 SET u8 0 7"], "*2 :0 :255"],
  ["signed", ["BITFIELD k SET i8 0 -100 GET i8 0 GET u8 0"], "*3 :0 :-100 :156"],
  ["one bit with a sign", ["BITFIELD k SET u1 0 1 GET i1 0"], "*2 :0 :-1"],
  ["over several bytes", ["BITFIELD k SET u32 5 4000000000 GET u32 5"], "*2 :0 :4000000000"],
  ["63 bits", [`BITFIELD k SET u63 1 ${MAX} GET u63 1`], `*2 :0 :${MAX}`],
  ["64 bits", [`BITFIELD k SET i64 3 ${MIN} GET i64 3`], `*2 :0 :${MIN}`],
  ["64 bits, unaligned", ["BITFIELD k SET i64 3 -2 GET i64 3"], "*2 :0 :-2"],
  ["scaled offsets", ["BITFIELD k SET u8 #2 7", "STRLEN k"], ":3"],
  ["the furthest write makes room", ["BITFIELD k SET u8 0 1 SET u8 92 1", "STRLEN k"], ":13"],
  ["beyond the end reads zeros", [`SET k "\\xff"`, "BITFIELD k GET u16 4"], "*1 :61440"],
  ["INCRBY", ["BITFIELD k INCRBY u8 0 10 INCRBY u8 0 -3"], "*2 :10 :7"],
  ["of an integer", ["SET k 1", "BITFIELD k GET u8 0"], "*1 :49"],
  ["editing makes raw", ["SET k 1", "BITFIELD k SET u8 0 49", "OBJECT ENCODING k"], "$3 raw"],
  ["reading does not", ["SET k 1", "BITFIELD k GET u8 0", "OBJECT ENCODING k"], "$3 int"],
  ["words in any case", ["BITFIELD k set u8 0 5 Get u8 0 overflow SAT"], "*2 :0 :5"],
  ["no type", ["BITFIELD k GET 8 0"], TYPE],
  ["an empty type", [`BITFIELD k GET "" 0`], TYPE],
  ["a type in capitals", ["BITFIELD k GET U8 0"], TYPE],
  ["u64", ["BITFIELD k GET u64 0"], TYPE],
  ["i65", ["BITFIELD k GET i65 0"], TYPE],
  ["i0", ["BITFIELD k GET i0 0"], TYPE],
  ["i", ["BITFIELD k GET i 0"], TYPE],
  ["no offset", ["BITFIELD k GET u8 x"], OFFSET],
  ["a negative offset", ["BITFIELD k GET u8 -1"], OFFSET],
  ["a negative scaled offset", ["BITFIELD k GET u8 #-1"], OFFSET],
  ["an offset too far", ["BITFIELD k GET u8 4294967296"], OFFSET],
  ["a scaled offset too far", ["BITFIELD k GET u8 #536870912"], OFFSET],
  [
    "a scaled offset that wraps around",
    ["BITFIELD k SET u8 #2305843009213693952 5 GET u8 0"],
    "*2 :0 :5",
  ],
  ["no number", ["BITFIELD k SET u8 0 x"], "-ERR value is not an integer or out of range"],
  ["an operand is missing", ["BITFIELD k SET u8 0"], SYNTAX],
  ["an unknown operation", ["BITFIELD k ADD u8 0 1"], SYNTAX],
  ["OVERFLOW without a word", ["BITFIELD k OVERFLOW"], SYNTAX],
  [
    "OVERFLOW with another word",
    ["BITFIELD k OVERFLOW STOP"],
    "-ERR Invalid OVERFLOW type specified",
  ],
  ["nothing happens after an error", ["BITFIELD k SET u8 0 1 SET u8 x 1", "EXISTS k"], ":0"],
]);

cases("BITFIELD OVERFLOW", [
  ["wraps by default", ["BITFIELD k SET u8 0 255 INCRBY u8 0 2"], "*2 :0 :1"],
  ["wraps down", ["BITFIELD k INCRBY u8 0 -1"], "*1 :255"],
  ["wraps to the sign", ["BITFIELD k SET i8 0 127 INCRBY i8 0 1"], "*2 :0 :-128"],
  ["wraps from the sign", ["BITFIELD k SET i8 0 -128 INCRBY i8 0 -1"], "*2 :0 :127"],
  ["wraps often", ["BITFIELD k INCRBY u4 0 1000 INCRBY i4 8 -1000"], "*2 :8 :-8"],
  ["wraps SET", ["BITFIELD k SET u8 0 257 GET u8 0 SET i8 0 200 GET i8 0"], "*4 :0 :1 :1 :-56"],
  ["wraps 64 bits", [`BITFIELD k SET i64 0 ${MAX} INCRBY i64 0 1`], `*2 :0 :${MIN}`],
  ["wraps 63 bits", [`BITFIELD k SET u63 0 ${MAX} INCRBY u63 0 1`], "*2 :0 :0"],
  ["SAT up", ["BITFIELD k OVERFLOW SAT INCRBY u8 0 300 INCRBY i8 8 300"], "*2 :255 :127"],
  ["SAT down", ["BITFIELD k OVERFLOW SAT INCRBY u8 0 -3 INCRBY i8 8 -300"], "*2 :0 :-128"],
  ["SAT of 64 bits", [`BITFIELD k OVERFLOW SAT SET i64 0 -2 INCRBY i64 0 ${MIN}`], `*2 :0 :${MIN}`],
  ["SAT of SET", ["BITFIELD k OVERFLOW SAT SET i8 0 -300 GET i8 0"], "*2 :0 :-128"],
  [
    "SAT of a negative SET, unsigned",
    ["BITFIELD k OVERFLOW SAT SET u8 0 -1 GET u8 0"],
    "*2 :0 :255",
  ],
  ["SAT of the smallest SET", [`BITFIELD k OVERFLOW SAT SET i8 0 ${MIN} GET i8 0`], "*2 :0 :127"],
  ["FAIL", ["BITFIELD k OVERFLOW FAIL SET u8 0 255 INCRBY u8 0 1 GET u8 0"], "*3 :0 $-1 :255"],
  ["FAIL down", ["BITFIELD k OVERFLOW FAIL INCRBY i8 0 -129"], "*1 $-1"],
  ["FAIL of SET", ["BITFIELD k OVERFLOW FAIL SET u1 0 2"], "*1 $-1"],
  ["FAIL makes the key nevertheless", ["BITFIELD k OVERFLOW FAIL SET u1 0 2", "STRLEN k"], ":1"],
  ["FAIL without overflow", ["BITFIELD k OVERFLOW FAIL INCRBY u8 0 255"], "*1 :255"],
  [
    "changes half way",
    ["BITFIELD k OVERFLOW SAT INCRBY u2 0 9 OVERFLOW WRAP INCRBY u2 0 1"],
    "*2 :3 :0",
  ],
]);

cases("BITFIELD under WATCH", [
  ["a write", ["WATCH k", "@2 BITFIELD k SET u8 0 0", "MULTI", "PING", "EXEC"], "*-1"],
  ["a read", ["SET k a", "WATCH k", "@2 BITFIELD k GET u8 0", "MULTI", "PING", "EXEC"], "*1 +PONG"],
  [
    "the same value",
    ["SET k a", "WATCH k", "@2 BITFIELD k SET u8 0 97", "MULTI", "PING", "EXEC"],
    "*1 +PONG",
  ],
]);

cases("BITFIELD_RO", [
  ["reads", ["SET k abc", "BITFIELD_RO k GET u8 0 GET u8 #2"], "*2 :97 :99"],
  ["no operation", ["BITFIELD_RO k"], "*0"],
  ["SET", ["BITFIELD_RO k SET u8 0 1"], "-ERR BITFIELD_RO only supports the GET subcommand"],
  ["INCRBY", ["BITFIELD_RO k INCRBY u8 0 1"], "-ERR BITFIELD_RO only supports the GET subcommand"],
  ["OVERFLOW", ["BITFIELD_RO k OVERFLOW SAT GET u8 0"], "*1 :0"],
  ["a bad type comes first", ["BITFIELD_RO k SET x8 0 1"], TYPE],
]);

cases("BITFIELD and the keys COMMAND names", [
  [
    "reads with GET alone",
    ["COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0 OVERFLOW SAT"],
    { resp2: "*1 *2 $1 k *2 +RO +access", resp3: "*1 *2 $1 k ~2 +RO +access" },
  ],
  [
    "writes otherwise",
    ["COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0 SET u8 0 1"],
    { resp2: "*1 *2 $1 k *3 +RW +access +update", resp3: "*1 *2 $1 k ~3 +RW +access +update" },
  ],
]);

/** One number of `bits` bits, kept as its unsigned value. */
class Model {
  bits: bigint[] = new Array(256).fill(0n);

  read(offset: number, width: number, signed: boolean): bigint {
    let value = 0n;
    for (let i = 0; i < width; i++) value = value << 1n | this.bits[offset + i];
    return signed ? BigInt.asIntN(width, value) : value;
  }

  write(offset: number, width: number, value: bigint): void {
    for (let i = 0; i < width; i++) this.bits[offset + i] = value >> BigInt(width - 1 - i) & 1n;
  }
}

test("BITFIELD INCRBY of random fields", () => {
  const seed = 6502;
  const random = new Random(seed);
  const client = new World().connect();
  const model = new Model();
  for (let round = 0; round < 3000; round++) {
    const signed = random.below(2) === 0;
    const width = 1 + random.below(signed ? 64 : 63);
    const offset = random.below(256 - width);
    const by = random.int64() >> BigInt(random.below(64));
    const overflow = random.pick(["WRAP", "SAT", "FAIL"]);
    const min = signed ? -(1n << BigInt(width - 1)) : 0n;
    const max = signed ? -min - 1n : (1n << BigInt(width)) - 1n;
    const sum = model.read(offset, width, signed) + by;
    const isOver = sum < min || sum > max;
    let wanted: bigint | null = sum;
    if (isOver && overflow === "FAIL") wanted = null;
    else if (isOver && overflow === "SAT") wanted = sum < min ? min : max;
    else if (isOver) wanted = signed ? BigInt.asIntN(width, sum) : BigInt.asUintN(width, sum);
    if (wanted !== null) model.write(offset, width, wanted);
    const type = (signed ? "i" : "u") + width;
    const args = [
      "BITFIELD",
      "k",
      "OVERFLOW",
      overflow,
      "INCRBY",
      type,
      String(offset),
      String(by),
    ];
    const reply = wanted === null ? "$-1" : `:${wanted}`;
    const note = `seed ${seed} round ${round}: ${args.join(" ")}`;
    assert.equal(client.call(...args), `*1\r\n${reply}\r\n`, note);
  }
});
