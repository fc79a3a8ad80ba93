// checks.ts: the complaints about values that are well formed but not allowed, one function a
// rule. Each returns "" for a good value. Source followed: the validity functions of valkey's
// configuration table.

import { pathIsBaseName } from "./paths.ts";

const HOST_NAME_CHARS_MAX = 255;
const HASH_SEED_BYTES_MAX = 256;
const TITLE_VARIABLES = [
  "title",
  "listen-addr",
  "server-mode",
  "port",
  "tls-port",
  "unixsocket",
  "config-file",
];

/** A file name that must not be a path; `what` is the directive, `kind` what it names. */
export function baseName(what: string, kind: string): (text: string) => string {
  return (text) => {
    if (text === "") return `${what} can't be empty`;
    return pathIsBaseName(text) ? "" : `${what} can't be a path, just a ${kind}`;
  };
}

export function notEmpty(what: string): (text: string) => string {
  return (text) => text === "" ? `${what} can't be empty` : "";
}

export function hostName(text: string): string {
  if (text.length > HOST_NAME_CHARS_MAX) return "Hostnames must be less than 256 characters";
  if (/^[A-Za-z0-9.-]*$/.test(text)) return "";
  return "Hostnames may only contain alphanumeric characters, hyphens or dots";
}

export function nodeName(text: string): string {
  return /[!#$%&()*+;<>?@[\]^{|}~]/.test(text)
    ? "Announced human node name contained invalid character"
    : "";
}

function isIpV4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

export function ipV4(text: string): string {
  return text === "" || isIpV4(text) ? "" : "Invalid IPv4 address";
}

function isIpV6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [i, half] of halves.entries()) {
    if (half === "") continue;
    const parts = half.split(":");
    const lastHalf = i === halves.length - 1;
    for (const [j, part] of parts.entries()) {
      if (lastHalf && j === parts.length - 1 && isIpV4(part)) groups += 2;
      else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups++;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

export function ipV6(text: string): string {
  return text === "" || isIpV6(text) ? "" : "Invalid IPv6 address";
}

export function hashSeed(text: string): string {
  return text.length > HASH_SEED_BYTES_MAX
    ? "hash-seed must be less than or equal to 256 characters"
    : "";
}

export function saveOrNot(text: string): string {
  const words = text.split(" ");
  return words.includes("save") && words.includes("nosave")
    ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
    : "";
}

/** The process title: {variables}, "{{" for a brace; must not come out blank. */
export function titleTemplate(text: string): string {
  const bad = "template format is invalid or contains unknown variables";
  let at = 0;
  let visible = false;
  while (at < text.length) {
    if (text[at] !== "{") {
      visible ||= text[at] !== " ";
      at++;
    } else if (text[at + 1] === "{") {
      visible = true;
      at += 2;
    } else {
      const end = text.indexOf("}", at);
      const variable = end < 0 ? "" : text.slice(at + 1, end);
      if (!TITLE_VARIABLES.includes(variable)) return bad;
      visible ||= !["title", "server-mode", "unixsocket"].includes(variable);
      at = end + 1;
    }
  }
  return visible ? "" : bad;
}

/** Names of the locale that sorts by bytes; no other one is built. */
export function byteOrderLocale(text: string): string {
  return ["", "C", "POSIX", "C.UTF-8"].includes(text)
    ? ""
    : "Invalid locale name: only byte order (C) is built";
}
