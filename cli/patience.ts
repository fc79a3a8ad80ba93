// patience.ts: a command that survives the server going away: for modes that run for hours.

import type { Reply } from "../lib/codec/reply_reader.ts";
import type { Client } from "./client.ts";
import { sleep } from "./io.ts";

const RETRY_MS = 1000;
const CLEAR_LINE = "\r\x1b[0K";

/** Asks until there is an answer, connecting again every second and saying so. */
export async function askPatiently(client: Client, ...words: string[]): Promise<Reply> {
  let tries = 0;
  while (true) {
    const reply = await client.ask(...words);
    if (reply !== null) {
      if (tries > 0) client.io.print(CLEAR_LINE);
      return reply;
    }
    client.io.print(`${CLEAR_LINE}Reconnecting... ${++tries}\r`);
    await client.connect({ force: true, quiet: true });
    await sleep(RETRY_MS);
  }
}
