import { test } from "node:test";
import assert from "node:assert/strict";
import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import { int64FromBigInt } from "../../../lib/bytes/int64.ts";
import {
  ENCODING_EMBSTR,
  ENCODING_INT,
  ENCODING_RAW,
  HAS_EXPIRE,
  headerBytes,
  isEmbedded,
  metaByte,
  recordClock,
  recordEncoding,
  recordExpireMs,
  recordKeyEquals,
  recordKeyLen,
  recordMeta,
  recordSetClock,
  recordType,
  TYPE_HASH,
  TYPE_STREAM,
  TYPE_STRING,
} from "../../../lib/engine/record.ts";
import { recordSetExpire } from "../../../lib/engine/keyspace.ts";
import { keyspaceVerify } from "../../../lib/engine/keyspace_verify.ts";
import { SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";
import { hashOf, keyOf, makeKeyspace, put, setExpire, valueOf } from "../../kit/keyspace.ts";

/** The first `len` bytes of a record in hex, four to a group. */
function dump(ks: ReturnType<typeof makeKeyspace>, rec: number, len: number): string {
  const off = (rec & UNIT_MASK) << 4;
  const bytes = ks.arena.u8[rec >>> SEGMENT_SHIFT].subarray(off, off + len);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const groups: string[] = [];
  for (let i = 0; i < hex.length; i += 4) groups.push(hex.slice(i, i + 4).join(" "));
  return groups.join("  ");
}

test("the example of the header: SET k hello", () => {
  const ks = makeKeyspace();
  const rec = put(ks, ks.dbs[0], "k", "hello");
  assert.equal(dump(ks, rec, 18), "10 00 00 00  01 00 00 00  05 00 00 00  6b 68 65 6c  6c 6f");
});

test("other layouts: an integer, one with an expiry, an embedded one with an expiry", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  const int = put(ks, db, "n", "-2");
  assert.equal(dump(ks, int, 17), "08 00 00 00  01 00 00 00  fe ff ff ff  ff ff ff ff  6e");
  const volatile = setExpire(ks, db, "n", 0x0102030405);
  assert.equal(
    dump(ks, volatile, 25),
    "88 00 00 00  01 00 00 00  fe ff ff ff  ff ff ff ff  05 04 03 02  01 00 00 00  6e",
  );
  put(ks, db, "k", "hi");
  const text = setExpire(ks, db, "k", 1);
  assert.equal(
    dump(ks, text, 23),
    "90 00 00 00  01 00 00 00  02 00 00 00  01 00 00 00  00 00 00 00  6b 68 69",
  );
});

test("meta byte: type, encoding and flag do not mix", () => {
  for (const type of [TYPE_STRING, TYPE_HASH, TYPE_STREAM, 7]) {
    for (const encoding of [ENCODING_RAW, ENCODING_INT, ENCODING_EMBSTR, 15]) {
      for (const hasExpire of [false, true]) {
        const meta = metaByte(type, encoding, hasExpire);
        assert.equal(meta & 7, type);
        assert.equal((meta >> 3) & 15, encoding);
        assert.equal((meta & HAS_EXPIRE) !== 0, hasExpire);
        const wanted = 12 + (encoding === ENCODING_INT ? 4 : 0) + (hasExpire ? 8 : 0);
        assert.equal(headerBytes(meta), wanted);
      }
    }
  }
});

test("accessors", () => {
  const ks = makeKeyspace();
  const rec = put(ks, ks.dbs[0], "key", "12");
  const { arena } = ks;
  assert.equal(recordType(arena, rec), TYPE_STRING);
  assert.equal(recordEncoding(arena, rec), ENCODING_INT);
  assert.equal(recordKeyLen(arena, rec), 3);
  assert.equal(recordExpireMs(arena, rec), -1);
  const meta = recordMeta(arena, rec);
  for (const clock of [0, 1, 0x7fffff, 0x800000, 0xffffff]) {
    recordSetClock(arena, rec, clock);
    assert.equal(recordClock(arena, rec), clock);
    assert.equal(recordMeta(arena, rec), meta);
  }
});

test("keys are compared by all their bytes", () => {
  const ks = makeKeyspace();
  for (const key of ["", "a", "abc", "abcd", "abcde", "x".repeat(100), "\0\r\n\xff"]) {
    const rec = put(ks, ks.dbs[0], key, "v");
    const equals = (text: string) =>
      recordKeyEquals(ks.arena, rec, fromLatin1(`??${text}?`), 2, text.length);
    assert.ok(equals(key), key);
    assert.ok(!equals(key + "a"));
    for (let i = 0; i < key.length; i++) {
      assert.ok(!equals(key.slice(0, i) + "~" + key.slice(i + 1)), `${key} at ${i}`);
      assert.ok(!equals(key.slice(0, i)));
    }
  }
});

test("expiry times are kept to the last bit", () => {
  const ks = makeKeyspace();
  const [db] = ks.dbs;
  const pair = new Int32Array(2);
  for (const when of [0n, 1n, 0xffffffffn, 2n ** 53n - 1n, 2n ** 63n - 1n]) {
    const rec = put(ks, db, "k", "v");
    int64FromBigInt(when, pair);
    const moved = recordSetExpire(ks, db, hashOf(ks, "k"), rec, pair[0], pair[1]);
    assert.equal(recordExpireMs(ks.arena, moved), Number(when));
    assert.equal(keyOf(ks, moved), "k");
    assert.equal(valueOf(ks, moved), "v");
    keyspaceVerify(ks);
  }
});

test("embedded values: the same border as Valkey", () => {
  const rows: [keyLen: number, len: number, hasExpire: boolean, embedded: boolean][] = [
    [1, 112, false, true],
    [1, 113, false, false],
    [1, 104, true, true],
    [1, 105, true, false],
    [31, 82, false, true],
    [31, 83, false, false],
    [32, 79, false, true],
    [32, 80, false, false],
    [111, 0, false, true],
    [112, 0, false, false],
    [0, 113, false, true],
  ];
  for (const [keyLen, len, hasExpire, embedded] of rows) {
    assert.equal(isEmbedded(keyLen, len, hasExpire), embedded, `${keyLen} ${len} ${hasExpire}`);
  }
});
