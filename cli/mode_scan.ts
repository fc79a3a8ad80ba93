// mode_scan.ts: the key space walked with SCAN: the plain list of keys, and the walk that the
// modes looking for special keys share.

import process from "node:process";
import type { Reply } from "../lib/codec/reply_reader.ts";
import { ByteWriter, latin1, textOf, utf8 } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { CliExit } from "./environment.ts";
import { sleep } from "./io.ts";
import { appendQuoted } from "./words.ts";

/** Prints one key a line. */
export async function listKeys(client: Client): Promise<number> {
  const readable = client.options.output === "standard";
  for await (const keys of scanKeys(client)) {
    const out = new ByteWriter();
    for (const key of keys) {
      if (readable) appendQuoted(out, key);
      else out.bytes(key);
      out.ascii("\n");
    }
    client.io.out(out.take());
    await sleep(client.options.intervalMs);
  }
  return 0;
}

/** Batches of keys as SCAN hands them out, until the end or Ctrl-C. */
export async function* scanKeys(client: Client): AsyncGenerator<Uint8Array[]> {
  const { pattern, scanCount } = client.options;
  const stop = interruption();
  let cursor: Uint8Array = utf8("0");
  do {
    const words = pattern === null
      ? ["SCAN", cursor, "COUNT", String(scanCount)]
      : ["SCAN", cursor, "MATCH", pattern, "COUNT", String(scanCount)];
    const reply = checkScanReply(client, await client.ask(...words));
    cursor = reply.items[0].bytes;
    yield reply.items[1].items.map((item) => item.bytes);
  } while (!stop.requested && latin1(cursor) !== "0");
  stop.release();
}

/** Ends the mode after saying what went wrong. */
export function failMode(client: Client, text: string): never {
  client.io.err(text);
  throw new CliExit(1);
}

/** Set once the user asks to stop; until then Ctrl-C does not end the program. */
export type Interruption = { requested: boolean; release: () => void };

/** Starts to listen for Ctrl-C. */
export function interruption(): Interruption {
  const listen = (): void => {
    state.requested = true;
  };
  const state: Interruption = {
    requested: false,
    release: () => process.removeListener("SIGINT", listen),
  };
  process.on("SIGINT", listen);
  return state;
}

function checkScanReply(client: Client, reply: Reply | null): Reply {
  if (reply === null) return failMode(client, "\nI/O error\n");
  if (reply.kind === "error") failMode(client, `SCAN error: ${textOf(reply.bytes)}\n`);
  if (reply.kind !== "array") failMode(client, "Non ARRAY response from SCAN!\n");
  if (reply.items.length !== 2) failMode(client, "Invalid element count from SCAN!\n");
  return reply;
}
