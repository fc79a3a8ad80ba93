// dumped.ts: the compact structures inside recorded DUMP payloads, for tests that compare bytes.
//
// A payload is a type byte, the value as the file format has it, 2 bytes of version and 8 of checksum. Only what holds a
// listpack or an intset is taken; strings that were compressed are passed over.

import { fromLatin1 } from "../../../lib/bytes/ascii.ts";
import { loadGolden } from "../../kit/golden.ts";
import { sharedPath, skipped } from "../../kit/shared.ts";

const TYPE_INTSET = 11;
const TYPE_HASH = 16;
const TYPE_SORTED_SET = 17;
const TYPE_LIST = 18;
const TYPE_SET = 20;
const TYPE_STREAM = 21;
const NODE_PACKED = 2;

/** A listpack or an intset, and the recorded case it comes from. */
export interface DumpedPart {
  kind: "listpack" | "intset";
  bytes: Uint8Array;
  from: string;
}

/** Reads lengths and strings of the file format one after the other. */
class Cursor {
  #at = 1;
  readonly #payload: Uint8Array;

  constructor(payload: Uint8Array) {
    this.#payload = payload;
  }

  /** A length, or -1 for a string in an encoding of its own. */
  length(): number {
    const first = this.#payload[this.#at++];
    if (first < 0x40) return first;
    if (first < 0x80) return ((first & 0x3f) << 8) | this.#payload[this.#at++];
    return -1;
  }

  string(): Uint8Array | undefined {
    const len = this.length();
    if (len < 0) return undefined;
    this.#at += len;
    return this.#payload.slice(this.#at - len, this.#at);
  }
}

function partsOf(payload: Uint8Array, from: string): DumpedPart[] {
  const cursor = new Cursor(payload);
  const type = payload[0];
  const parts: DumpedPart[] = [];
  const take = (kind: DumpedPart["kind"]): boolean => {
    const bytes = cursor.string();
    if (bytes) parts.push({ kind, bytes, from });
    return bytes !== undefined;
  };
  if (type === TYPE_INTSET) {
    take("intset");
  } else if (type === TYPE_HASH || type === TYPE_SORTED_SET || type === TYPE_SET) {
    take("listpack");
  } else if (type === TYPE_LIST) {
    for (let nodes = cursor.length(); nodes > 0; nodes--) {
      if (cursor.length() === NODE_PACKED) {
        if (!take("listpack")) break;
      } else if (!cursor.string()) break;
    }
  } else if (type === TYPE_STREAM) {
    for (let nodes = cursor.length(); nodes > 0; nodes--) {
      if (!cursor.string() || !take("listpack")) break;
    }
  }
  return parts;
}

/** Every listpack and intset of the recorded dumps; none, with a word about it, where there are no recordings. */
export function dumpedParts(): DumpedPart[] {
  const folder = sharedPath("golden");
  if (folder === undefined) {
    skipped();
    return [];
  }
  const parts: DumpedPart[] = [];
  for (const recorded of ["dump", "objects"].flatMap((family) => loadGolden(folder, family))) {
    for (const step of recorded.steps) {
      if (step.args?.[0] !== "DUMP" || step.reply === undefined) continue;
      const body = step.reply.slice(step.reply.indexOf("\r\n") + 2, -2);
      if (body !== "") parts.push(...partsOf(fromLatin1(body), recorded.case));
    }
  }
  return parts;
}
