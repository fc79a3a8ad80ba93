// history_secrets.ts: which lines must not reach the history file, because they hold a password
// or the name of a user. When in doubt a line is kept out: losing a line of history costs little.

import { latin1 } from "./byte_writer.ts";
import { parseLine } from "./line_runner.ts";

/** Settings whose value is a secret or names an account, in CONFIG SET. */
const SECRET_SETTING = /auth|user|pass|secret|password/;

/** True when the line must be kept out of the file. */
export function isSecretLine(line: Uint8Array): boolean {
  const { words } = parseLine(line);
  // An open quote: the line was refused, but what was meant to be secret is in it all the same.
  const texts = words === null
    ? latin1(line).replaceAll(/["']/g, " ").trim().split(/\s+/)
    : words.map(latin1);
  return isSecretCommand(texts.map((text) => text.toLowerCase()));
}

/** The same for the words of a command in lower case. */
export function isSecretCommand(words: readonly string[]): boolean {
  const [name, sub] = words;
  const rest = words.slice(1);
  switch (name) {
    case "auth":
      return true;
    case "acl":
      return ["setuser", "getuser", "deluser"].includes(sub);
    case "config":
      return sub === "set" &&
        words.some((word, index) => index >= 2 && index % 2 === 0 && SECRET_SETTING.test(word));
    case "hello":
      return rest.includes("auth");
    case "migrate":
      return rest.includes("auth") || rest.includes("auth2");
    case "sentinel":
      return (sub === "set" || sub === "config") &&
        rest.some((word) => /^(auth|sentinel)-(pass|user)$/.test(word));
  }
  // A count in front that is no count: look at the command behind it.
  return /^[+-]?\d+$/.test(name) && rest.length > 0 && isSecretCommand(rest);
}
