// search_specs.ts: the declarations of the searches in search.ts, which adds the handlers.

import { equalsIgnoreCase } from "../../bytes/ascii.ts";
import { word } from "../args.ts";
import type { CommandArgs, KeyList } from "../keys.ts";
import {
  type ArgSpec,
  type CommandSpec,
  DENYOOM,
  type KeySpec,
  MOVABLE_KEYS,
  oneKey,
  READONLY,
  WRITE,
} from "../spec.ts";
import { KEY, LATITUDE, LONGITUDE, UNIT } from "./coordinates.ts";

type Spec = Omit<CommandSpec, "run">;

function token(name: string, since?: string): ArgSpec {
  const arg: ArgSpec = { name, type: "pure-token", token: name.toUpperCase() };
  return since === undefined ? arg : { ...arg, since };
}

function optional(arg: ArgSpec): ArgSpec {
  return { ...arg, optional: true };
}

const MEMBER: ArgSpec = { name: "member", type: "string" };
const RADIUS: ArgSpec = { name: "radius", type: "double" };

const WITH: readonly ArgSpec[] = [
  optional(token("withcoord")),
  optional(token("withdist")),
  optional(token("withhash")),
];

const ORDER: ArgSpec = {
  name: "order",
  type: "oneof",
  optional: true,
  args: [token("asc"), token("desc")],
};

function countBlock(anySince?: string): ArgSpec {
  return {
    name: "count-block",
    type: "block",
    optional: true,
    args: [
      { name: "count", type: "integer", token: "COUNT" },
      optional(token("any", anySince)),
    ],
  };
}

const STORE: ArgSpec = {
  name: "store",
  type: "oneof",
  optional: true,
  args: [
    { name: "storekey", display: "key", type: "key", keySpec: 1, token: "STORE" },
    { name: "storedistkey", display: "key", type: "key", keySpec: 2, token: "STOREDIST" },
  ],
};

const FROM: ArgSpec = {
  name: "from",
  type: "oneof",
  optional: true,
  args: [
    { ...MEMBER, token: "FROMMEMBER" },
    { name: "fromlonlat", type: "block", token: "FROMLONLAT", args: [LONGITUDE, LATITUDE] },
  ],
};

const BY: ArgSpec = {
  name: "by",
  type: "oneof",
  args: [
    { name: "circle", type: "block", args: [{ ...RADIUS, token: "BYRADIUS" }, UNIT] },
    {
      name: "box",
      type: "block",
      args: [
        { name: "width", type: "double", token: "BYBOX" },
        { name: "height", type: "double" },
        UNIT,
      ],
    },
    {
      name: "polygon",
      type: "block",
      since: "9.0.0",
      args: [
        { name: "num-vertices", type: "integer", token: "BYPOLYGON" },
        { name: "vertices", type: "block", multiple: true, args: [LONGITUDE, LATITUDE] },
      ],
    },
  ],
};

/** The key after a word of GEORADIUS. */
function storeKey(keyword: string, from: number): KeySpec {
  return {
    flags: ["OW", "update"],
    begin: { at: "keyword", keyword, from },
    find: { by: "range", last: 0, step: 1, limit: 0 },
  };
}

const COMPLEXITY = "O(N+log(M)) with N the members in the cells around the area and M all of them";
const RADIUS_HISTORY: Spec["history"] = [
  ["6.2.0", "The option ANY of COUNT."],
  ["7.0.0", "Units in any case."],
];
const SEARCH_HISTORY: Spec["history"] = [
  ["7.0.0", "Units in any case."],
  ["9.0.0", "The option BYPOLYGON."],
];
const SICILY = "GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania";

const STORE_WORD = word("store");
const STOREDIST_WORD = word("storedist");

/** Of several STORE and STOREDIST the last one counts. */
function findStoreKeys(args: CommandArgs, out: KeyList): void {
  let stored = 0;
  for (let i = 5; i + 1 < args.argc; i++) {
    const { argBuf, off, len } = args;
    const isStore = equalsIgnoreCase(argBuf, off[i], len[i], STORE_WORD) ||
      equalsIgnoreCase(argBuf, off[i], len[i], STOREDIST_WORD);
    if (isStore) stored = ++i;
  }
  out.add(1, ["RO", "access"]);
  if (stored !== 0) out.add(stored, ["OW", "update"]);
}

export const GEOSEARCH_SPEC: Spec = {
  name: "GEOSEARCH",
  group: "geo",
  since: "6.2.0",
  arity: -7,
  flags: READONLY,
  acl: ["@geo"],
  keys: [oneKey(1, "RO access")],
  args: [KEY, FROM, BY, ORDER, countBlock(), ...WITH],
  summary: "Finds the members that lie in a circle, a box or a polygon.",
  complexity: COMPLEXITY,
  history: SEARCH_HISTORY,
  reply: ["array"],
  examples: [
    [SICILY, ":2"],
    ["GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 200 km ASC", "*2 $7 Catania $7 Palermo"],
    [
      "GEOSEARCH sicily FROMMEMBER Palermo BYBOX 400 400 km COUNT 1 WITHDIST",
      "*1 *2 $7 Palermo $6 0.0000",
    ],
  ],
};

export const GEOSEARCHSTORE_SPEC: Spec = {
  name: "GEOSEARCHSTORE",
  group: "geo",
  since: "6.2.0",
  arity: -8,
  flags: WRITE | DENYOOM,
  acl: ["@geo"],
  keys: [oneKey(1, "OW update"), oneKey(2, "RO access")],
  args: [
    { name: "destination", type: "key", keySpec: 0 },
    { name: "source", type: "key", keySpec: 1 },
    FROM,
    BY,
    ORDER,
    countBlock(),
    optional(token("storedist")),
  ],
  summary: "Stores the members that lie in a circle, a box or a polygon as a sorted set, their " +
    "scores being places or distances.",
  complexity: COMPLEXITY,
  history: SEARCH_HISTORY,
  reply: ["integer"],
  examples: [
    [SICILY, ":2"],
    ["GEOSEARCHSTORE near sicily FROMLONLAT 15 37 BYRADIUS 100 km", ":1"],
    ["ZRANGE near 0 -1", "*1 $7 Catania"],
  ],
};

export const GEORADIUS_SPEC: Spec = {
  name: "GEORADIUS",
  group: "geo",
  since: "3.2.0",
  arity: -6,
  flags: WRITE | DENYOOM | MOVABLE_KEYS,
  acl: ["@geo"],
  keys: [oneKey(1, "RO access"), storeKey("STORE", 6), storeKey("STOREDIST", 6)],
  args: [KEY, LONGITUDE, LATITUDE, RADIUS, UNIT, ...WITH, countBlock("6.2.0"), ORDER, STORE],
  summary: "Finds the members in a circle around a place, or stores them.",
  complexity: COMPLEXITY,
  history: RADIUS_HISTORY,
  reply: ["array", "integer"],
  examples: [
    [SICILY, ":2"],
    ["GEORADIUS sicily 15 37 200 km DESC", "*2 $7 Palermo $7 Catania"],
    ["GEORADIUS sicily 15 37 100 km STORE near", ":1"],
  ],
  findKeys: findStoreKeys,
};

export const GEORADIUSBYMEMBER_SPEC: Spec = {
  name: "GEORADIUSBYMEMBER",
  group: "geo",
  since: "3.2.0",
  arity: -5,
  flags: WRITE | DENYOOM | MOVABLE_KEYS,
  acl: ["@geo"],
  keys: [oneKey(1, "RO access"), storeKey("STORE", 5), storeKey("STOREDIST", 5)],
  args: [KEY, MEMBER, RADIUS, UNIT, ...WITH, countBlock(), ORDER, STORE],
  summary: "Finds the members in a circle around one of them, or stores them.",
  complexity: COMPLEXITY,
  history: RADIUS_HISTORY,
  reply: ["array", "integer"],
  examples: [
    [SICILY, ":2"],
    ["GEORADIUSBYMEMBER sicily Palermo 100 km", "*1 $7 Palermo"],
  ],
  findKeys: findStoreKeys,
};

export const GEORADIUS_RO_SPEC: Spec = {
  name: "GEORADIUS_RO",
  group: "geo",
  since: "3.2.10",
  arity: -6,
  flags: READONLY,
  acl: ["@geo"],
  keys: [oneKey(1, "RO access")],
  args: [KEY, LONGITUDE, LATITUDE, RADIUS, UNIT, ...WITH, countBlock("6.2.0"), ORDER],
  summary: "GEORADIUS without storing, which replicas can answer.",
  complexity: COMPLEXITY,
  history: RADIUS_HISTORY,
  reply: ["array"],
  examples: [[SICILY, ":2"], ["GEORADIUS_RO sicily 15 37 100 km", "*1 $7 Catania"]],
};

export const GEORADIUSBYMEMBER_RO_SPEC: Spec = {
  name: "GEORADIUSBYMEMBER_RO",
  group: "geo",
  since: "3.2.10",
  arity: -5,
  flags: READONLY,
  acl: ["@geo"],
  keys: [oneKey(1, "RO access")],
  args: [KEY, MEMBER, RADIUS, UNIT, ...WITH, countBlock(), ORDER],
  summary: "GEORADIUSBYMEMBER without storing, which replicas can answer.",
  complexity: COMPLEXITY,
  history: RADIUS_HISTORY,
  reply: ["array"],
  examples: [[SICILY, ":2"], ["GEORADIUSBYMEMBER_RO sicily Palermo 100 km", "*1 $7 Palermo"]],
};
