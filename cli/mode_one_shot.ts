// mode_one_shot.ts: one command from the command line, sent as often as asked for.

import type { Client } from "./client.ts";
import { utf8 } from "./byte_writer.ts";
import { CliExit } from "./environment.ts";
import { unquoteWord } from "./words.ts";

/** Sends the command and shows its replies; the exit code says whether they came. */
export async function runOneShot(client: Client, given: Uint8Array[]): Promise<number> {
  await client.connect({ quiet: true });
  const words = await completeWords(client, given);
  if (words === null) return 1;
  const sent = await client.issue(words, client.options.repeat);
  while (client.pubSub) {
    if (!await client.readAndShow(false)) {
      client.sayConnectionError();
      throw new CliExit(1);
    }
  }
  return sent ? 0 : 1;
}

/** Unquotes words and puts standard input where it is asked for; null after saying what is wrong. */
async function completeWords(client: Client, given: Uint8Array[]): Promise<Uint8Array[] | null> {
  const { options, io } = client;
  const words: Uint8Array[] = [];
  for (const word of given) {
    const plain = options.quotedInput ? unquoteWord(word) : word;
    if (plain === null) {
      io.print("Invalid quoted string\n");
      return null;
    }
    words.push(plain);
  }
  if (options.lastWordFromStdin) {
    words.push(await io.input.all());
  } else if (options.stdinTag !== null) {
    const tag = utf8(options.stdinTag);
    const place = words.findIndex((word) => sameBytes(word, tag));
    if (place < 0) {
      io.err("Using -X option but stdin tag not match.\n");
      return null;
    }
    words[place] = await io.input.all();
  }
  return words;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
