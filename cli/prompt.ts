// prompt.ts: the text in front of the line: where one is and in which state.

import type { Client } from "./client.ts";

/** The parts of a client that the prompt tells. */
export type PromptState = Pick<
  Client,
  "connected" | "options" | "host" | "port" | "db" | "inMulti" | "pubSub"
>;

/** "host:port[db](TX)(subscribed mode)> ", or "not connected> ". */
export function promptFor(state: PromptState): string {
  if (!state.connected) return "not connected> ";
  return placeOf(state) +
    (state.db !== 0 ? `[${state.db}]` : "") +
    (state.inMulti ? "(TX)" : "") +
    (state.pubSub ? "(subscribed mode)" : "") +
    "> ";
}

function placeOf({ options, host, port }: PromptState): string {
  if (options.embedded) return "embedded";
  if (options.socketPath !== null) return `valkey ${options.socketPath}`;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
