// CLIENT TRACKING and its companions: words, errors, and what they tell. The messages: tests/lib/session/tracking_test.ts.

import { cases } from "../../../kit/cases.ts";

const SYNTAX = "-ERR syntax error";
const SWITCH_BCAST =
  "-ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it " +
  "with a different mode.";
const SWITCH_OPT =
  "-ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it " +
  "with a different mode.";
const OVERLAP = "Prefixes for a single client must not overlap.";

cases("CLIENT TRACKING", [
  ["on", ["CLIENT TRACKING ON"], "+OK"],
  ["off", ["CLIENT TRACKING OFF"], "+OK"],
  ["small letters", ["client tracking on bcast noloop"], "+OK"],
  ["twice", ["CLIENT TRACKING ON", "CLIENT TRACKING ON NOLOOP"], "+OK"],
  ["neither", ["CLIENT TRACKING x"], SYNTAX],
  ["options come first", ["CLIENT TRACKING x NOSUCH"], SYNTAX],
  ["arity", ["CLIENT TRACKING"], "-ERR wrong number of arguments for 'client|tracking' command"],
  ["an unknown option", ["CLIENT TRACKING ON NOSUCH"], SYNTAX],
  ["REDIRECT without id", ["CLIENT TRACKING ON REDIRECT"], SYNTAX],
  ["PREFIX without prefix", ["CLIENT TRACKING ON BCAST PREFIX"], SYNTAX],
  ["to no number", ["CLIENT TRACKING ON REDIRECT x"], /^-ERR value is not an integer/],
  [
    "to nobody",
    ["CLIENT TRACKING ON REDIRECT 99999999"],
    "-ERR The client ID you want redirect to does not exist",
  ],
  ["to zero", ["CLIENT TRACKING ON REDIRECT 0"], /^-ERR The client ID/],
  ["also when switched off", ["CLIENT TRACKING OFF REDIRECT 0"], /^-ERR The client ID/],
  ["prefixes need BCAST", [
    "CLIENT TRACKING ON PREFIX a",
  ], "-ERR PREFIX option requires BCAST mode to be enabled"],
  ["but not when switched off", ["CLIENT TRACKING OFF PREFIX a"], "+OK"],
  ["BCAST later", ["CLIENT TRACKING ON", "CLIENT TRACKING ON BCAST"], SWITCH_BCAST],
  ["BCAST no more", ["CLIENT TRACKING ON BCAST", "CLIENT TRACKING ON"], SWITCH_BCAST],
  ["BCAST after OFF", [
    "CLIENT TRACKING ON",
    "CLIENT TRACKING OFF",
    "CLIENT TRACKING ON BCAST",
  ], "+OK"],
  [
    "BCAST and OPTIN",
    ["CLIENT TRACKING ON BCAST OPTIN"],
    "-ERR OPTIN and OPTOUT are not compatible with BCAST",
  ],
  [
    "OPTIN and OPTOUT",
    ["CLIENT TRACKING ON OPTIN OPTOUT"],
    "-ERR You can't specify both OPTIN mode and OPTOUT mode",
  ],
  ["OPTIN, then OPTOUT", ["CLIENT TRACKING ON OPTIN", "CLIENT TRACKING ON OPTOUT"], SWITCH_OPT],
  ["OPTOUT, then OPTIN", ["CLIENT TRACKING ON OPTOUT", "CLIENT TRACKING ON OPTIN"], SWITCH_OPT],
  ["OPTIN, then neither", ["CLIENT TRACKING ON OPTIN", "CLIENT TRACKING ON"], "+OK"],
  [
    "prefixes that overlap",
    ["CLIENT TRACKING ON BCAST PREFIX ab PREFIX a"],
    `-ERR Prefix 'ab' overlaps with another provided prefix 'a'. ${OVERLAP}`,
  ],
  ["with an older one", [
    "CLIENT TRACKING ON BCAST PREFIX a",
    "CLIENT TRACKING ON BCAST PREFIX b PREFIX ab",
  ], `-ERR Prefix 'ab' overlaps with an existing prefix 'a'. ${OVERLAP}`],
  ["with all keys", [
    "CLIENT TRACKING ON BCAST",
    "CLIENT TRACKING ON BCAST PREFIX a",
  ], `-ERR Prefix 'a' overlaps with an existing prefix ''. ${OVERLAP}`],
  ["more prefixes", [
    "CLIENT TRACKING ON BCAST PREFIX a",
    "CLIENT TRACKING ON BCAST PREFIX b",
  ], "+OK"],
]);

const CACHING =
  "-ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled";

cases("CLIENT CACHING", [
  ["without tracking", ["CLIENT CACHING YES"], CACHING],
  ["YES", ["CLIENT TRACKING ON OPTIN", "CLIENT CACHING YES"], "+OK"],
  ["NO", ["CLIENT TRACKING ON OPTOUT", "CLIENT CACHING NO"], "+OK"],
  [
    "YES without OPTIN",
    ["CLIENT TRACKING ON", "CLIENT CACHING YES"],
    "-ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
  ],
  [
    "NO without OPTOUT",
    ["CLIENT TRACKING ON OPTIN", "CLIENT CACHING NO"],
    "-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
  ],
  ["neither", ["CLIENT TRACKING ON OPTIN", "CLIENT CACHING x"], SYNTAX],
]);

/** The reply with these flags (as a set), redirection and prefixes. */
function info(flags: string, rest = ":0 $8 prefixes *0"): { resp2: string; resp3: string } {
  const text = (map: string, set: string) =>
    `${map} $5 flags ${set}${flags.split(" ").length} ` +
    flags.split(" ").map((flag) => `$${flag.length} ${flag} `).join("") + `$8 redirect ${rest}`;
  return { resp2: text("*6", "*"), resp3: text("%3", "~") };
}

cases("CLIENT TRACKINGINFO", [
  ["off", ["CLIENT TRACKINGINFO"], info("off", ":-1 $8 prefixes *0")],
  ["on", ["CLIENT TRACKING ON", "CLIENT TRACKINGINFO"], info("on")],
  ["all prefixes", ["CLIENT TRACKING ON BCAST", "CLIENT TRACKINGINFO"], {
    ...info("on bcast", ":0 $8 prefixes *1 $0 "),
  }],
  ["prefixes in order", [
    "CLIENT TRACKING ON BCAST PREFIX b PREFIX a",
    "CLIENT TRACKINGINFO",
  ], info("on bcast", ":0 $8 prefixes *2 $1 a $1 b")],
  ["OPTIN", ["CLIENT TRACKING ON OPTIN NOLOOP", "CLIENT TRACKINGINFO"], info("on optin noloop")],
  ["CACHING YES", [
    "CLIENT TRACKING ON OPTIN",
    "CLIENT CACHING YES",
    "CLIENT TRACKINGINFO",
  ], info("on optin caching-yes")],
  ["CACHING NO", [
    "CLIENT TRACKING ON OPTOUT",
    "CLIENT CACHING NO",
    "CLIENT TRACKINGINFO",
  ], info("on optout caching-no")],
  ["CACHING is for one command", [
    "CLIENT TRACKING ON OPTIN",
    "CLIENT CACHING YES",
    "GET a",
    "CLIENT TRACKINGINFO",
  ], info("on optin")],
  ["CACHING lasts over CLIENT", [
    "CLIENT TRACKING ON OPTIN",
    "CLIENT CACHING YES",
    "CLIENT ID",
    "CLIENT TRACKINGINFO",
  ], info("on optin caching-yes")],
  ["after RESET", [
    "CLIENT TRACKING ON",
    "RESET",
    "CLIENT TRACKINGINFO",
  ], /^\*6 \$5 flags \*1 \$3 off /],
]);

cases("CLIENT GETREDIR", [
  ["without tracking", ["CLIENT GETREDIR"], ":-1"],
  ["without redirection", ["CLIENT TRACKING ON", "CLIENT GETREDIR"], ":0"],
]);

cases("tracking in CLIENT LIST and INFO", [
  ["a flag", ["CLIENT TRACKING ON", "CLIENT INFO"], / flags=t .* redir=0 /],
  ["broadcasts too", ["CLIENT TRACKING ON BCAST", "CLIENT INFO"], / flags=tB .* redir=0 /],
  ["none", ["CLIENT INFO"], / redir=-1 /],
  ["prefixes", [
    "CLIENT TRACKING ON BCAST PREFIX a PREFIX b",
    "INFO stats",
  ], / tracking_total_keys:0 tracking_total_items:0 tracking_total_prefixes:2 /],
  ["keys and items", [
    "CLIENT TRACKING ON",
    "MGET a b",
    "@2 CLIENT TRACKING ON",
    "@2 GET a",
    "INFO stats",
  ], / tracking_total_keys:2 tracking_total_items:3 tracking_total_prefixes:0 /],
]);
