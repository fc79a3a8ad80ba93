// uri.ts: the address of a server as one text.
//
//   scheme "://" [[user ":"] password "@"] [host [":" port]] ["/" [db]]
//   scheme = "valkey" | "redis" | "valkeys" | "rediss"     the last two are secured
//   host   = name | IPv4 | "[" IPv6 "]"
//
// User and password may be percent-encoded.

/** The parts a URI names; null where it says nothing. `problem` is a message, or "". */
export type UriParts = {
  problem: string;
  tls: boolean;
  user: string | null;
  password: string | null;
  host: string | null;
  port: number | null;
  db: number | null;
};

const SCHEME = /^(valkeys?|rediss?):\/\//i;

/** Takes a URI apart. */
export function parseUri(uri: string): UriParts {
  const parts: UriParts = {
    problem: "",
    tls: false,
    user: null,
    password: null,
    host: null,
    port: null,
    db: null,
  };
  const scheme = SCHEME.exec(uri);
  if (scheme === null) {
    parts.problem = "Invalid URI scheme\n";
    return parts;
  }
  parts.tls = /^(valkeys|rediss)$/i.test(scheme[1]);
  let rest = uri.slice(scheme[0].length);
  const at = rest.indexOf("@");
  if (at >= 0) {
    readCredentials(parts, rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  if (parts.problem !== "" || rest === "") return parts;
  const slash = rest.indexOf("/");
  const address = slash < 0 ? rest : rest.slice(0, slash);
  if (address !== "") readAddress(parts, address);
  const path = slash < 0 ? "" : rest.slice(slash + 1);
  if (path !== "") parts.db = leadingDigits(path);
  return parts;
}

function readCredentials(parts: UriParts, text: string): void {
  const colon = text.indexOf(":");
  if (colon >= 0) parts.user = percentDecode(parts, text.slice(0, colon));
  if (parts.problem === "") parts.password = percentDecode(parts, text.slice(colon + 1));
}

function readAddress(parts: UriParts, address: string): void {
  if (address.startsWith("[") && address.includes("]")) {
    const close = address.indexOf("]");
    parts.host = address.slice(1, close);
    if (address[close + 1] === ":") parts.port = leadingDigits(address.slice(close + 2));
    return;
  }
  const colon = address.indexOf(":");
  parts.host = colon < 0 ? address : address.slice(0, colon);
  if (colon >= 0) parts.port = leadingDigits(address.slice(colon + 1));
}

function leadingDigits(text: string): number {
  const digits = /^\s*[+-]?\d+/.exec(text);
  return digits === null ? 0 : Number(digits[0]);
}

function percentDecode(parts: UriParts, text: string): string {
  const bytes: number[] = [];
  const encoded = new TextEncoder().encode(text);
  for (let at = 0; at < encoded.length; at++) {
    if (encoded[at] !== 0x25) {
      bytes.push(encoded[at]);
      continue;
    }
    if (encoded.length - at < 2) {
      parts.problem = "Incomplete URI encoding\n";
      return "";
    }
    const digits = new TextDecoder().decode(encoded.subarray(at + 1, at + 3));
    if (!/^[0-9a-f]{2}$/i.test(digits)) {
      parts.problem = "Illegal character in URI encoding\n";
      return "";
    }
    bytes.push(parseInt(digits, 16));
    at += 2;
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
