import assert from "node:assert/strict";
import { test } from "node:test";
import { copyBytes, fromLatin1, latin1 } from "../../../lib/bytes/ascii.ts";
import {
  blockOff,
  nameBuf,
  nameLen,
  namesAt,
  namesCount,
  namesFind,
  namesInsert,
  namesRemove,
  namesVerify,
} from "../../../lib/engine/stream_names.ts";
import { Arena, arenaAlloc, SEGMENT_SHIFT, UNIT_MASK } from "../../../lib/mem/arena.ts";

const NAME_OFF = 8;

function named(arena: Arena, name: string): number {
  const block = arenaAlloc(arena, NAME_OFF + name.length);
  arena.i32[block >>> SEGMENT_SHIFT][(block & UNIT_MASK) << 2] = name.length;
  copyBytes(fromLatin1(name), 0, nameBuf(arena, block), blockOff(block) + NAME_OFF, name.length);
  return block;
}

function find(arena: Arena, list: number, name: string): number {
  const bytes = fromLatin1(`..${name}`);
  return namesFind(arena, list, NAME_OFF, bytes, 2, name.length);
}

function contents(arena: Arena, list: number): string[] {
  return Array.from({ length: namesCount(arena, list) }, (_, i) => {
    const block = namesAt(arena, list, i);
    return latin1(nameBuf(arena, block), blockOff(block) + NAME_OFF, nameLen(arena, block));
  });
}

test("names are kept in order, whatever the order they come in", () => {
  const arena = new Arena();
  const names = ["m", "", "a", "ab", "\xff", "\x80", "Z", "aa", "m\0", "z".repeat(300)];
  let list = 0;
  assert.equal(find(arena, list, "x"), -1);
  for (const name of names) {
    const at = find(arena, list, name);
    assert.ok(at < 0);
    list = namesInsert(arena, list, ~at, named(arena, name));
    assert.equal(namesVerify(arena, list, NAME_OFF), 1);
  }
  assert.deepEqual(contents(arena, list), [...names].sort());
  for (const [i, name] of [...names].sort().entries()) assert.equal(find(arena, list, name), i);
  assert.equal(find(arena, list, "aaa"), ~4);
});

test("a list without names has no block", () => {
  const arena = new Arena();
  let list = 0;
  for (const name of ["a", "b", "c"]) {
    list = namesInsert(arena, list, namesCount(arena, list), named(arena, name));
  }
  const withNames = arena.liveBlocks;
  list = namesRemove(arena, list, 1);
  assert.deepEqual(contents(arena, list), ["a", "c"]);
  list = namesRemove(arena, list, 1);
  list = namesRemove(arena, list, 0);
  assert.equal(list, 0);
  assert.equal(arena.liveBlocks, withNames - 1);
});
