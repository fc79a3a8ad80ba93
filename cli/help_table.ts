// help_table.ts: every command the server knows, as help, hints and completion need it.
//
// The table comes from COMMAND DOCS of the server. Where the server cannot be asked, or does not
// know that command, the table handed to the program takes its place: without what is newer than
// the server, and with the bare names of commands that only the server knows.

import type { Reply } from "../lib/codec/reply_reader.ts";
import { latin1, textOf } from "./byte_writer.ts";
import { Client } from "./client.ts";
import type { CommandDoc, DocArg } from "./environment.ts";
import type { Io } from "./io.ts";

/** One command or subcommand. */
export type HelpEntry = {
  /** One or two words in upper case. */
  words: string[];
  /** The words with a blank between. */
  name: string;
  group: string;
  since: string;
  summary: string;
  args: readonly DocArg[];
};

/** All commands, ordered by name. */
export class HelpTable {
  readonly entries: HelpEntry[];
  readonly #byName = new Map<string, HelpEntry>();

  constructor(docs: readonly CommandDoc[]) {
    this.entries = docs.map(entryOf);
    this.entries.sort((left, right) => left.name < right.name ? -1 : 1);
    for (const entry of this.entries) this.#byName.set(entry.name, entry);
  }

  /** The command that the first words of a line name: two words before one; or null. */
  find(words: readonly string[]): HelpEntry | null {
    const first = words.length > 0 ? words[0].toUpperCase() : "";
    const pair = words.length > 1 ? this.#byName.get(`${first} ${words[1].toUpperCase()}`) : null;
    return pair ?? this.#byName.get(first) ?? null;
  }

  /** The names of all groups, ordered. */
  groups(): string[] {
    return [...new Set(this.entries.map((entry) => entry.group))].sort();
  }
}

/** Loads the table for a client, over a connection of its own: the client's may be in MULTI. */
export async function loadHelpTable(client: Client): Promise<HelpTable> {
  // A server inside the program is of the same version as the table of the program.
  const known = client.environment.docs;
  if (client.options.embedded && known !== undefined) return new HelpTable(await known());
  const silent: Io = Object.create(client.io, { err: { value: () => {} } });
  const helper = new Client(client.options, silent, client.environment);
  helper.host = client.host;
  helper.port = client.port;
  helper.wantedDb = 0;
  try {
    if (!await helper.connect({ quiet: true })) return await offlineTable(client, null);
    const reply = await helper.ask("COMMAND", "DOCS");
    if (reply === null || (reply.kind !== "map" && reply.kind !== "array")) {
      return await offlineTable(client, helper);
    }
    return new HelpTable(readCommandDocs(reply));
  } finally {
    helper.drop();
  }
}

async function offlineTable(client: Client, server: Client | null): Promise<HelpTable> {
  const known = await client.environment.docs?.() ?? [];
  if (server === null) return new HelpTable(known);
  const version = await versionOf(server);
  const docs = version === null ? known : supportedBy(version, known);
  const reply = await server.ask("COMMAND");
  const names = new Set(docs.map((doc) => doc.name.split("|")[0].toUpperCase()));
  const extra = reply?.kind === "array" ? reply.items.map(bareDoc) : [];
  return new HelpTable([
    ...docs,
    ...extra.filter((doc): doc is CommandDoc => doc !== null && !names.has(doc.name)),
  ]);
}

function entryOf(doc: CommandDoc): HelpEntry {
  const words = doc.name.toUpperCase().split("|");
  return {
    words,
    name: words.join(" "),
    group: doc.group,
    since: doc.since,
    summary: doc.summary,
    args: doc.args ?? [],
  };
}

// ---- The reply of COMMAND DOCS. ----

/** The commands in a reply of COMMAND DOCS, subcommands after their container. */
export function readCommandDocs(reply: Reply): CommandDoc[] {
  const docs: CommandDoc[] = [];
  for (const [name, fields] of pairs(reply)) addDoc(docs, textOf(name.bytes), fields);
  return docs;
}

function addDoc(docs: CommandDoc[], name: string, fields: Reply): void {
  const doc = { name, group: "", since: "", summary: "", args: [] as DocArg[] };
  docs.push(doc);
  for (const [key, value] of pairs(fields)) {
    switch (latin1(key.bytes)) {
      case "summary":
        doc.summary = textOf(value.bytes);
        break;
      case "since":
        doc.since = textOf(value.bytes);
        break;
      case "group":
        doc.group = textOf(value.bytes);
        break;
      case "arguments":
        doc.args = value.items.map(readArg);
        break;
      case "subcommands":
        for (const [sub, subFields] of pairs(value)) addDoc(docs, textOf(sub.bytes), subFields);
        break;
    }
  }
}

function readArg(reply: Reply): DocArg {
  const fields: Record<string, string> = {};
  let flags: string[] = [];
  let args: DocArg[] | undefined;
  for (const [key, value] of pairs(reply)) {
    const name = latin1(key.bytes);
    if (name === "flags") flags = value.items.map((flag) => latin1(flag.bytes));
    else if (name === "arguments") args = value.items.map(readArg);
    else fields[name] = textOf(value.bytes);
  }
  return {
    name: fields.name ?? "",
    type: fields.type ?? "string",
    display: fields.display_text,
    token: fields.token,
    since: fields.since,
    optional: flags.includes("optional"),
    multiple: flags.includes("multiple"),
    multipleToken: flags.includes("multiple_token"),
    args,
  };
}

/** The entries of a map, or of an array that holds one in RESP2. */
function pairs(reply: Reply): [Reply, Reply][] {
  const found: [Reply, Reply][] = [];
  for (let index = 0; index + 1 < reply.items.length; index += 2) {
    found.push([reply.items[index], reply.items[index + 1]]);
  }
  return found;
}

// ---- Servers without COMMAND DOCS. ----

async function versionOf(server: Client): Promise<string | null> {
  if (server.serverVersion !== null) return server.serverVersion;
  const reply = await server.ask("INFO", "SERVER");
  if (reply === null || reply.kind === "error") return null;
  return /^valkey_version:(\S+)/m.exec(textOf(reply.bytes))?.[1] ?? null;
}

/** The part of a table that a server of this version knows. */
export function supportedBy(version: string, docs: readonly CommandDoc[]): CommandDoc[] {
  return docs.filter((doc) => isSupported(version, doc.since))
    .map((doc) => ({ ...doc, args: supportedArgs(version, doc.args ?? []) }));
}

function supportedArgs(version: string, args: readonly DocArg[]): DocArg[] {
  return args.filter((arg) => isSupported(version, arg.since)).map((arg) =>
    arg.args === undefined ? arg : { ...arg, args: supportedArgs(version, arg.args) }
  );
}

function isSupported(version: string, since: string | undefined): boolean {
  if (!since) return true;
  const have = version.split(".").map(Number);
  const need = since.split(".").map(Number);
  for (let index = 0; index < Math.max(have.length, need.length); index++) {
    const difference = (have[index] ?? 0) - (need[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** What a row of COMMAND says of a command that nothing else is known of. */
function bareDoc(row: Reply): CommandDoc | null {
  const [name, arity, , firstKey] = row.items;
  if (row.kind !== "array" || row.items.length < 4 || name.kind !== "bulk") return null;
  const count = Number(latin1(arity.bytes));
  const args: DocArg[] = [];
  if (latin1(firstKey.bytes) === "1") args.push({ name: "key", type: "key" });
  while (args.length < Math.abs(count) - 1) args.push({ name: "arg", type: "string" });
  if (count < 0) args.push({ name: "...options...", type: "string" });
  return {
    name: textOf(name.bytes).toUpperCase(),
    group: "generic",
    since: "Not known",
    summary: "Help not available",
    args,
  };
}
