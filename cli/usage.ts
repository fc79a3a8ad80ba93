// usage.ts: what --help and --version print.

import { VALKEY_VERSION } from "../lib/version.ts";

/** One line: the version scripts look for, and that of this program. */
export function versionText(version: string): string {
  return `valkey-cli ${VALKEY_VERSION}${version === "" ? "" : ` (sigrun ${version})`}`;
}

const SECTIONS:
  readonly (readonly [title: string, rows: readonly (readonly [string, string])[]])[] = [
    ["Connection", [
      ["-h <host>", "Host of the server, 127.0.0.1 unless given (as the last word: this text)."],
      ["-p <port>", "Port of the server, 6379 unless given."],
      ["-s <path>", "Unix socket instead of host and port."],
      [
        "-u <uri>",
        "valkey://user:password@host:port/db, valkeys:// for TLS; parts may be left out.",
      ],
      ["-t <seconds>", "Give up connecting after this time; decimals allowed, 0 is never."],
      ["-4, -6", "Prefer IPv4 or IPv6 addresses."],
      ["-n <db>", "Database to select."],
      ["-2, -3", "Speak RESP2 or RESP3."],
      ["-c", "Cluster mode: follow MOVED and ASK."],
      ["--embedded", "Talk to a server inside this program; nothing is kept."],
    ]],
    ["Authentication", [
      ["-a, --pass <password>", "Password; safer in the environment variable VALKEYCLI_AUTH."],
      ["--user <name>", "User name that goes with the password."],
      ["--askpass", "Ask for the password; beats -a and the environment."],
      ["--no-auth-warning", "No warning about a password on the command line."],
    ]],
    ["TLS", [
      ["--tls", "Secure the connection."],
      ["--sni <name>", "Server name to ask for."],
      ["--cacert <file>", "Trusted certificate authorities."],
      ["--cacertdir <folder>", "Folder of such files; without either the system's are used."],
      ["--insecure", "Accept any certificate."],
      ["--cert <file>", "Certificate of this client."],
      ["--key <file>", "Private key that goes with it."],
      ["--tls-ciphers <list>", "Ciphers up to TLS 1.2."],
      ["--tls-ciphersuites <list>", "Cipher suites of TLS 1.3."],
    ]],
    ["Commands", [
      ["-r <count>", "Send the command this many times; negative is for ever."],
      ["-i <seconds>", "Pause between repeats, samples, and SCAN calls; decimals allowed."],
      ["-x", "Read the last argument from standard input."],
      ["-X <tag>", "Replace the argument that equals the tag by standard input."],
      ["--quoted-input", "Arguments are quoted strings."],
      ["--eval <file>", "Send the script in a file: --eval f key1 key2 , arg1 arg2"],
      ["-e", "Exit with 1 when the reply is an error."],
    ]],
    ["Output", [
      ["--raw", "Values as they are; the default when output is not a terminal."],
      ["--no-raw", "Readable form, even when output is not a terminal."],
      ["--csv", "Comma separated values."],
      ["--json", "JSON; RESP3 unless -2 is given."],
      ["--quoted-json", "JSON in ASCII only."],
      ["-d <text>", "Between the elements of a raw reply, a newline unless given."],
      ["-D <text>", "After each raw reply, a newline unless given."],
      ["--show-pushes <yn>", "Show RESP3 pushes; yes on a terminal unless given."],
      ["--verbose", "Say more."],
    ]],
    ["Other modes", [
      ["--scan", "List key names; with --pattern, --quoted-pattern, --count, -i."],
      ["--pipe", "Send raw protocol from standard input; --pipe-timeout <seconds>, 30."],
      ["--stat", "A line of statistics every -i seconds."],
      ["--latency", "Sample the round trip; --latency-history does so in windows of -i."],
      ["--bigkeys", "Look for keys with many elements."],
      ["--memkeys", "Look for keys that take much memory; --memkeys-samples <n>."],
      ["--version, --help", "Say the version, or this."],
    ]],
  ];

const COLUMN = 28;

/** The whole usage text. */
export function usageText(version: string): string {
  let text = `${versionText(version)}\n\nUsage: valkey-cli [OPTIONS] [command [argument ...]]\n` +
    'Without a command it reads commands line by line; type "help" there for more.\n';
  for (const [title, rows] of SECTIONS) {
    text += `\n${title}\n`;
    for (const [option, meaning] of rows) text += `  ${option.padEnd(COLUMN)}${meaning}\n`;
  }
  return text + `
Examples
  valkey-cli set greeting "hello"
  valkey-cli -r 10 -i 0.5 info stats
  valkey-cli -x set page < page.html
  valkey-cli --scan --pattern 'user:*'
  valkey-cli --json hgetall user:1
`;
}
