// payload.ts: values on their way through DUMP and RESTORE, for the fuzzers of types.

import assert from "node:assert/strict";
import { type Keyspace, recordCreate } from "../../lib/engine/keyspace.ts";
import { ENCODING_EMBSTR, metaByte, recordType } from "../../lib/engine/record.ts";
import { RdbInput } from "../../lib/persist/rdb_input.ts";
import { RdbOutput } from "../../lib/persist/rdb_output.ts";
import { READ_OK } from "../../lib/persist/rdb_types.ts";
import { payloadWrite, readValue, valueTypeOf } from "../../lib/persist/rdb_value.ts";

/** Version and checksum, behind the value. */
const FOOTER_BYTES = 10;

const output = new RdbOutput();

/**
 * Writes the value of a record as a payload and reads it again, to its last byte. Returns a new record under `key` that
 * holds what came back and is in no table; the old one stays as it is.
 */
export function reread(ks: Keyspace, rec: number, key: Uint8Array, compress: boolean): number {
  output.compress = compress;
  const len = payloadWrite(output, ks, rec) - FOOTER_BYTES;
  const [kind] = output.buf;
  const type = valueTypeOf(kind);
  assert.equal(type, recordType(ks.arena, rec), "kind of the payload");
  const fresh = recordCreate(ks, metaByte(type, ENCODING_EMBSTR, false), key, 0, key.length, 0);
  const input = new RdbInput(output.buf.slice(0, len), 1, len - 1);
  assert.equal(readValue(input, ks, fresh, kind, 0), READ_OK, input.reason);
  assert.equal(input.pos, input.end, "bytes are left over");
  return fresh;
}
