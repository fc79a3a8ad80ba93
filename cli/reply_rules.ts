// reply_rules.ts: what the client must know of single commands to show their replies.

import type { Reply } from "../lib/codec/reply_reader.ts";
import { isWord, latin1 } from "./byte_writer.ts";

type Words = readonly Uint8Array[];

/** True for commands whose reply is a text to be read as it is, on a terminal too. */
export function alwaysRaw(words: Words): boolean {
  const [name, sub] = words;
  const count = words.length;
  if (isWord(name, "info") || isWord(name, "lolwut")) return true;
  if (count < 2) return false;
  if (isWord(name, "debug")) {
    return isWord(sub, "htstats") || isWord(sub, "htstats-key") || isWord(sub, "client-eviction");
  }
  if (isWord(name, "memory")) return isWord(sub, "malloc-stats") || isWord(sub, "doctor");
  if (isWord(name, "client")) return isWord(sub, "list") || isWord(sub, "info");
  if (isWord(name, "proxy")) return isWord(sub, "info");
  if (isWord(name, "cluster")) return count === 2 && (isWord(sub, "nodes") || isWord(sub, "info"));
  if (isWord(name, "latency")) {
    return (count === 3 && isWord(sub, "graph")) || (count === 2 && isWord(sub, "doctor"));
  }
  return false;
}

const SUBSCRIPTIONS = [
  "subscribe",
  "psubscribe",
  "ssubscribe",
  "unsubscribe",
  "punsubscribe",
  "sunsubscribe",
];

/** True for commands that the server confirms once for each channel. */
export function isSubscription(words: Words): boolean {
  return SUBSCRIPTIONS.some((word) => isWord(words[0], word));
}

/** True for a message or a confirmation of a subscription. */
export function isPubSubPush(reply: Reply, resp3: boolean): boolean {
  if (reply.kind !== (resp3 ? "push" : "array") || reply.items.length < 3) return false;
  return reply.items[0].kind === "bulk" &&
    /(message|subscribe)$/.test(latin1(reply.items[0].bytes));
}

/** True for a confirmation of the very command in `words`. */
export function isConfirmation(reply: Reply, words: Words): boolean {
  return isWord(words[0], latin1(reply.items[0].bytes).toLowerCase());
}
