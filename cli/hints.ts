// hints.ts: what of a command is still to be typed, from the tree of its arguments.
//
// The words typed are matched against the tree; what they cover is marked, and the hint is the
// syntax of the rest. Neighbouring optional arguments may come in any order; the one that was
// begun last is shown first, without brackets. A word that fits nowhere ends hinting.
//
//   ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]
//   "ZADD k CH "       ->   [NX|XX] [GT|LT] [INCR] score member [score member ...]
//   "ZADD k CH 1 "     ->   member [score member ...]
//
// RULES  R1 a required argument that does not fit fails the whole match
//        R2 once a required argument has begun, the optional ones before it are over
//        R3 numbers are checked as far as the C library would read them: a leading number will do
//        R4 a repeated argument always ends with its repeat unit, which is never narrowed
// The test suite of the original client expects the closing bracket of an optional repeated
// argument even where the opening one is gone; so it is written here too.

import type { DocArg } from "./environment.ts";

/** An argument with what has been typed of it. */
type Node = {
  arg: DocArg;
  parts: Node[];
  /** Words that belong to it, its token included. */
  words: number;
  tokenSeen: boolean;
  valueSeen: boolean;
  /** Nothing more is wanted. */
  complete: boolean;
};

/** The syntax of all arguments: what help shows behind the name. */
export function syntaxOf(args: readonly DocArg[]): string {
  return hintForAll(args.map(newNode), " ");
}

/** The syntax of what is still to be typed behind `words`, or "" when they do not fit. */
export function hintFor(args: readonly DocArg[], words: readonly string[]): string {
  const nodes = args.map(newNode);
  return matchAll(nodes, words, 0) === words.length ? hintForAll(nodes, " ") : "";
}

/** Tokens that may be typed as the next word behind `words`. */
export function nextTokens(args: readonly DocArg[], words: readonly string[]): string[] {
  const nodes = args.map(newNode);
  if (matchAll(nodes, words, 0) !== words.length) return [];
  const tokens: string[] = [];
  collectTokens(nodes, tokens);
  return [...new Set(tokens)];
}

function newNode(arg: DocArg): Node {
  return {
    arg,
    parts: (arg.args ?? []).map(newNode),
    words: 0,
    tokenSeen: false,
    valueSeen: false,
    complete: false,
  };
}

function clear(node: Node): void {
  Object.assign(node, newNode(node.arg));
}

// ---- Matching. Each function gives the number of words used, 0 when nothing fits. ----

function matchAll(nodes: readonly Node[], words: readonly string[], from: number): number {
  let at = from;
  for (let index = 0; index < nodes.length && at < words.length; index++) {
    if (nodes[index].arg.optional) {
      const end = endOfOptional(nodes, index);
      at += matchOptional(nodes.slice(index, end), words, at);
      index = end - 1;
      continue;
    }
    const used = matchOne(nodes[index], words, at);
    if (used === 0) return 0;
    at += used;
  }
  return at - from;
}

/** Index behind the run of optional arguments that starts at `index`. */
function endOfOptional(nodes: readonly Node[], index: number): number {
  let end = index;
  while (end < nodes.length && nodes[end].arg.optional) end++;
  return end;
}

function matchOptional(group: readonly Node[], words: readonly string[], from: number): number {
  let at = from;
  let last: Node | null = null;
  while (at < words.length) {
    let used = 0;
    let found: Node | null = null;
    for (const node of group) {
      if (node.words > 0) continue;
      used = matchOne(node, words, at);
      found = node;
      if (used > 0) break;
    }
    if (used === 0) break;
    if (last !== null) last.complete = true;
    last = found;
    at += used;
  }
  return at - from;
}

/** Matches an argument, as often as it may be repeated. */
function matchOne(node: Node, words: readonly string[], from: number): number {
  const first = matchOnce(node, words, from);
  if (!node.arg.multiple) return first;
  let at = from + first;
  while (node.complete && at < words.length) {
    clear(node);
    if (node.arg.token !== undefined && !node.arg.multipleToken) {
      // The token comes only once: behind it just values repeat.
      at += matchValue(node, words, at);
      node.tokenSeen = node.words > 0;
    } else {
      at += matchOnce(node, words, at);
    }
  }
  node.complete = false;
  return at - from;
}

function matchOnce(node: Node, words: readonly string[], from: number): number {
  let at = from;
  if (node.arg.token !== undefined) {
    if (node.arg.token.toLowerCase() !== words[at].toLowerCase()) return 0;
    node.tokenSeen = true;
    node.words = 1;
    if (node.arg.type === "pure-token") {
      node.complete = true;
      return 1;
    }
    at++;
    if (at === words.length) return 1;
  }
  return matchValue(node, words, at);
}

/** Matches what follows the token; gives the words of the whole argument so far. */
function matchValue(node: Node, words: readonly string[], at: number): number {
  switch (node.arg.type) {
    case "block":
      node.words += matchAll(node.parts, words, at);
      node.complete = node.parts.every((part) => part.complete);
      return node.words;
    case "oneof": {
      const choice = node.parts.find((part) => matchOne(part, words, at) > 0);
      if (choice !== undefined) {
        node.words += choice.words;
        node.complete = choice.complete;
      }
      return node.words;
    }
  }
  if (!fitsType(node.arg.type, words[at])) {
    node.words = 0;
    node.valueSeen = false;
    return 0;
  }
  node.words++;
  node.valueSeen = true;
  node.complete = true;
  return node.words;
}

function fitsType(type: string, word: string): boolean {
  if (type === "integer" || type === "unix-time") return /^\s*[+-]?\d/.test(word);
  if (type === "double") return /^\s*[+-]?(\.?\d|inf|nan)/i.test(word);
  return true;
}

// ---- Writing the rest. ----

function hintForAll(nodes: readonly Node[], separator: string): string {
  const pieces: string[] = [];
  for (let index = 0; index < nodes.length; index++) {
    if (!nodes[index].arg.optional) {
      pieces.push(hintForOne(nodes[index]));
      continue;
    }
    const end = endOfOptional(nodes, index);
    const group = nodes.slice(index, end);
    const begun = group.filter((node) => node.words > 0 && !node.complete);
    pieces.push(...begun.map(hintForOne));
    if (end === nodes.length || nodes[end].words === 0) {
      pieces.push(...group.filter((node) => !begun.includes(node)).map(hintForOne));
    }
    index = end - 1;
  }
  return pieces.filter((piece) => piece !== "").join(separator);
}

function hintForOne(node: Node): string {
  const { arg } = node;
  if (node.complete) return "";
  const parts: string[] = [];
  if (arg.token !== undefined && !node.tokenSeen) parts.push(orQuotes(arg.token));
  parts.push(bodyOf(node));
  if (arg.multiple) parts.push(repeatUnit(arg));
  const text = parts.filter((part) => part !== "").join(" ");
  const open = arg.optional && node.words === 0 ? "[" : "";
  const close = arg.optional && (node.words === 0 || arg.multiple) ? "]" : "";
  return open + text + close;
}

function bodyOf(node: Node): string {
  switch (node.arg.type) {
    case "block":
      return hintForAll(node.parts, " ");
    case "oneof":
      if (node.words === 0) return hintForAll(node.parts, "|");
      return node.parts.filter((part) => part.words > 0).map(hintForOne).join("");
    case "pure-token":
      return "";
  }
  return node.valueSeen ? "" : nameOf(node.arg);
}

function repeatUnit(arg: DocArg): string {
  const token = arg.multipleToken && arg.token !== undefined ? orQuotes(arg.token) : "";
  const body = bodyOf(newNode(arg));
  return `[${[token, body].filter((part) => part !== "").join(" ")} ...]`;
}

function nameOf(arg: DocArg): string {
  return orQuotes(arg.display ?? arg.name);
}

/** An empty word has to be typed as a pair of quotes. */
function orQuotes(text: string): string {
  return text === "" ? '""' : text;
}

// ---- Tokens that may come next. ----

/** Adds the tokens that may start the next word; true when that word must belong to `nodes`. */
function collectTokens(nodes: readonly Node[], tokens: string[]): boolean {
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    if (!node.arg.optional) {
      if (collectFromOne(node, tokens)) return true;
      continue;
    }
    const end = endOfOptional(nodes, index);
    const group = nodes.slice(index, end);
    const begun = group.find((one) => one.words > 0 && !one.complete);
    if (begun !== undefined && collectFromOne(begun, tokens)) return true;
    if (end === nodes.length || nodes[end].words === 0) {
      for (const one of group) if (one !== begun) collectFromOne(one, tokens);
    }
    index = end - 1;
  }
  return false;
}

/** Adds the tokens with which an argument goes on; true when it needs another word. */
function collectFromOne(node: Node, tokens: string[]): boolean {
  const { arg } = node;
  if (node.complete) return false;
  if (arg.token !== undefined && !node.tokenSeen) {
    if (arg.token !== "") tokens.push(arg.token);
    return !arg.optional;
  }
  if (arg.type === "block") {
    if (collectTokens(node.parts, tokens)) return true;
  } else if (arg.type === "oneof") {
    const chosen = node.parts.filter((part) => part.words > 0);
    let needed = chosen.length === 0 && !arg.optional;
    for (const part of chosen.length > 0 ? chosen : node.parts) {
      if (collectFromOne(part, tokens) && chosen.length > 0) needed = true;
    }
    if (needed) return true;
  } else if (!node.valueSeen) {
    return !arg.optional || node.words > 0;
  }
  if (arg.multiple && node.words > 0) {
    const again = newNode({ ...arg, multiple: false });
    again.tokenSeen = !arg.multipleToken;
    collectFromOne(again, tokens);
  }
  return false;
}
