// cli_corpus.ts: invocations of the client whose outcome does not depend on time or chance. Run in
// order against one server; `PORT` and `SOCKET` in a word stand for the address of that server,
// `SCRIPT` and `BROKEN` for files. cli_reference_test.ts runs each with the client under test and with a valkey-cli and compares.

/** One invocation: words after the connection options, and what goes with them. */
export type Invocation = {
  args: string[];
  stdin?: string;
  env?: Record<string, string>;
  /** The words are all of the command line: no -p is put in front. */
  bare?: boolean;
  /** The order of lines is a matter of chance. */
  unordered?: boolean;
};

/** Replies of every type, to be asked for in every output form. */
const REPLIES: string[][] = [
  ["ping"],
  ["ping", 'a b\n\t"\\\x07\x01'],
  ["get", "text"],
  ["get", "binary"],
  ["get", "missing"],
  ["get", "empty"],
  ["incr", "text"],
  ["nosuchcommand", "x"],
  ["strlen", "text"],
  ["lrange", "list", "0", "-1"],
  ["lrange", "list12", "0", "-1"],
  ["lrange", "missing", "0", "-1"],
  ["hgetall", "hash"],
  ["hgetall", "missing"],
  ["smembers", "set"],
  ["smembers", "missing"],
  ["zrange", "zset", "0", "-1", "withscores"],
  ["zscore", "zset", "b"],
  ["xrange", "stream", "-", "+"],
  ["xread", "streams", "stream", "missing", "0", "0"],
  ["mget", "text", "missing", "empty"],
  ["config", "get", "maxmemory-s*"],
  ["eval", "return {1,{2,{3,'x'}},{},false,{{}}}", "0"],
  ["eval", "return redis.status_reply('FINE')", "0"],
  ["eval", "return redis.error_reply('My own error')", "0"],
  ["eval", "return {redis.error_reply('inner')}", "0"],
  ["eval", "redis.setresp(3) return {map={a={map={b='c',}},}}", "0"],
  ["eval", "redis.setresp(3) return {set={x=true}}", "0"],
  ["eval", "redis.setresp(3) return {double=1.25}", "0"],
  ["eval", "redis.setresp(3) return true", "0"],
  ["eval", "redis.setresp(3) return {map={[1]={map={[2]={1,2}}}}}", "0"],
  ["debug", "protocol", "double"],
  ["debug", "protocol", "null"],
  ["debug", "protocol", "verbatim"],
  ["debug", "protocol", "map"],
  ["debug", "protocol", "set"],
  ["debug", "protocol", "true"],
  ["debug", "protocol", "false"],
  ["debug", "protocol", "push"],
];

const FORMS: string[][] = [
  [],
  ["-3"],
  ["--no-raw"],
  ["--no-raw", "-3"],
  ["--csv"],
  ["--csv", "-3"],
  ["--json"],
  ["--json", "-2"],
  ["--quoted-json"],
  ["--raw", "-d", ";", "-D", "<end>"],
  ["--raw", "-3", "-d", "::", "-D", ""],
];

function fill(): Invocation[] {
  const commands = [
    "flushall",
    "set text hello",
    'set binary "\\x00\\xff\\xc3\\xa9\\n\\"q\\" \\\\ \\x1b[31m"',
    'set empty ""',
    'rpush list a "b c" \'\' "d\\ne"',
    "rpush list12 1 2 3 4 5 6 7 8 9 10 11 12",
    'hset hash f1 v1 f2 "v\\t2"',
    "sadd set m1",
    "zadd zset 1 a 2.5 b inf c",
    "xadd stream 1-1 f v g w",
    "xadd stream 2-1 f v",
  ];
  return [{ args: [], stdin: commands.join("\n") + "\n" }];
}

function forms(): Invocation[] {
  const rows: Invocation[] = [];
  for (const form of FORMS) {
    for (const reply of REPLIES) rows.push({ args: [...form, ...reply] });
  }
  for (const reply of REPLIES) {
    rows.push({ args: reply, env: { FAKETTY: "1" } });
    rows.push({ args: ["-3", ...reply], env: { FAKETTY: "1" } });
  }
  return rows;
}

const OPTIONS: Invocation[] = [
  { args: ["-x", "set", "k"], stdin: "from stdin\n" },
  { args: ["get", "k"] },
  { args: ["-x", "set", "k"], stdin: "" },
  { args: ["-x", "set", "k"], stdin: "\0\x01\xff\n\n" },
  { args: ["--no-raw", "get", "k"] },
  { args: ["-X", "tag", "set", "k", "tag", "ex", "100"], stdin: "tagged" },
  { args: ["-X", "tag", "set", "k", "other"], stdin: "tagged" },
  { args: ["-X"], stdin: "" },
  { args: ["-x", "-X", "tag", "set", "k"], stdin: "" },
  { args: ["-r", "3", "echo", "x"] },
  { args: ["-r", "3", "echo", "x"], env: { FAKETTY: "1" } },
  { args: ["-r", "3", "-D", "", "echo", "x"] },
  { args: ["-r", "0", "echo", "x"] },
  { args: ["-r", "2x", "echo", "x"] },
  { args: ["-r", "abc", "echo", "x"] },
  { args: ["-r", "2", "-i", "0.01", "echo", "x"] },
  { args: ["-n", "3", "set", "k", "db3"] },
  { args: ["-n", "3", "get", "k"] },
  { args: ["-n", "9999", "get", "k"] },
  { args: ["-n", "x", "get", "k"] },
  { args: ["-e", "incr", "text"] },
  { args: ["-e", "echo", "x"] },
  { args: ["-e", "lrange", "text", "0", "1"], env: { FAKETTY: "1" } },
  { args: ["-e"], stdin: "incr text\nget text\n" },
  { args: ["--quoted-input", "set", '"\\x00\\x00"', "value"] },
  { args: ["--quoted-input", "get", '"\\x00\\x00"'] },
  { args: ["--quoted-input", "get", '"open'] },
  { args: ["--quoted-input", "get", '"two" "words"'] },
  { args: ["--quoted-input", "get", ""] },
  { args: ["set", '"\\x41"', "plain"] },
  { args: ["get", '"\\x41"'] },
  { args: ["get", "'quoted'"] },
  { args: ["-2", "-3", "ping"] },
  { args: ["-4", "-6", "ping"] },
  { args: ["-4", "ping"] },
  { args: ["-c", "-s", "/x", "ping"] },
  { args: ["--nosuchoption"] },
  { args: ["-Z", "ping"] },
  { args: ["--show-pushes", "maybe", "ping"] },
  { args: ["--show-pushes", "yes", "ping"] },
  { args: ["--show-pushes", "no", "ping"] },
  { args: ["--show-pushes"] },
  { args: ["-t", "1.5", "ping"] },
  { args: ["-t", "-1", "ping"] },
  { args: ["-t", "abc", "ping"] },
  { args: ["-t", "nan", "ping"] },
  { args: ["--rdb", "a", "--functions-rdb", "b"] },
  { args: ["-a", "wrong", "ping"] },
  { args: ["-a", "wrong", "--no-auth-warning", "ping"] },
  { args: ["--pass", "wrong", "--user", "nobody", "ping"] },
  { args: ["ping"], env: { VALKEYCLI_AUTH: "wrong" } },
  { args: ["ping"], env: { REDISCLI_AUTH: "wrong" } },
  { args: ["-a", "wrong", "-n", "3", "-3", "ping"] },
  { args: ["--askpass", "ping"], stdin: "secret\n" },
  { bare: true, args: ["-p", "1", "ping"] },
  { bare: true, args: ["-p", "70000", "ping"] },
  { bare: true, args: ["-p", "-1", "ping"] },
  { bare: true, args: ["-p", "abc", "ping"] },
  { bare: true, args: ["-p", "0", "ping"] },
  { bare: true, args: ["-h", "127.0.0.1", "-p", "PORT", "ping"] },
  { bare: true, args: ["-h", "localhost", "-p", "PORT", "ping"] },
  { bare: true, args: ["-s", "SOCKET", "ping"] },
  { bare: true, args: ["-s", "/nonexistent/socket", "ping"] },
  { bare: true, args: ["-s", "/nonexistent/socket"], stdin: "ping\nping\n" },
  { bare: true, args: ["-s", "/nonexistent/socket", "--scan"] },
  { bare: true, args: ["-u", "valkey://127.0.0.1:PORT", "ping"] },
  { bare: true, args: ["-u", "redis://127.0.0.1:PORT/3", "get", "k"] },
  { bare: true, args: ["-u", "VALKEY://127.0.0.1:PORT/0", "get", "text"] },
  { bare: true, args: ["-u", "valkey://user:pa%73s@127.0.0.1:PORT/3", "get", "k"] },
  { bare: true, args: ["-u", "valkey://pass@127.0.0.1:PORT", "ping"] },
  { bare: true, args: ["-u", "http://127.0.0.1:PORT", "ping"] },
  { bare: true, args: ["-u", "valkey://a%zz@127.0.0.1:PORT", "ping"] },
  { bare: true, args: ["-u", "valkey://a%@127.0.0.1:PORT", "ping"] },
  { bare: true, args: ["-u", "valkey://127.0.0.1:99999", "ping"] },
  { bare: true, args: ["-p", "1"], stdin: "ping\n" },
  { bare: true, args: ["-p", "1", "--eval", "/nonexistent.lua"] },
  { args: ["--eval", "/nonexistent.lua", "k"] },
  { args: ["--eval", "SCRIPT", "k1", "k2", ",", "a1", ","] },
  { args: ["--eval", "SCRIPT"], env: { FAKETTY: "1" } },
  { args: ["--eval", "SCRIPT", ",", "a1"] },
  { args: ["--eval", "BROKEN", "a"] },
  { args: ["-e", "--eval", "BROKEN", "a"] },
  { args: ["--scan", "--pattern", "zse*"] },
  { args: ["--scan", "--quoted-pattern", '"\\x7aset"'] },
  { args: ["--scan", "--quoted-pattern", '"open'] },
  { args: ["--scan", "--count", "1000", "--pattern", "binary"], env: { FAKETTY: "1" } },
  { args: ["--pipe"], stdin: "*1\r\n$4\r\nPING\r\nSET piped 1\r\nGET piped\r\n" },
  { args: ["--pipe"], stdin: "INCR text\r\nGET text\r\n" },
  { args: ["--pipe"], stdin: "" },
  { args: ["--bigkeys", "--pattern", "list12"], unordered: true },
  { args: ["--bigkeys", "--pattern", "nosuchkey"], unordered: true },
  { args: ["--memkeys", "--pattern", "nosuchkey"], unordered: true },
  { args: ["--memkeys-samples", "5", "--pattern", "nosuchkey"], unordered: true },
  { args: ["--hotkeys"] },
];

/** Lines of standard input, one conversation each. */
const CONVERSATIONS: string[] = [
  "",
  "\n\n  \n",
  "ping",
  "ping\nping hello\n",
  "set k 'single \\' quote'\nget k\n",
  'set k "\\x41\\n\\r\\t\\b\\a\\q"\nget k\n',
  'get ""k\'e\'"y"\n',
  'set key"" bar\nget key\n',
  'get "open\nping\n',
  "get 'open\nping\n",
  "3 echo x\n",
  "0 ping\n-1 ping\n99999999999999999999 ping\n",
  "5\n",
  "+2 ping\n",
  "2 2 ping\n",
  "quit\nping\n",
  "EXIT\nping\n",
  "quit now\nping\n",
  ":set hints\n:set nohints\n:set nosuch\n:nosuch\n:get pubsub\n:get nosuch\n:set\n",
  "restart\n",
  "select 3\nget k\nselect 0\nget k\nselect 999\nget k\n",
  "multi\nset a 1\nget a\nexec\n",
  "multi\nselect 3\ndiscard\nget text\n",
  "multi\nnosuch\nexec\nping\n",
  "multi\ninfo server\ndiscard\n",
  "auth wrong\nping\n",
  "hello 3\nhgetall hash\nhello 2\nhgetall hash\n",
  "hello 4\nping\n",
  "reset\nping\n",
  "subscribe ch1 ch2\nping\nunsubscribe ch1\nunsubscribe\nping\n",
  "subscribe ch1\nreset\nping\n",
  "subscribe ch1\n",
  "ssubscribe s1\nsunsubscribe\n:get pubsub\n",
  "psubscribe p*\n:get pubsub\npunsubscribe p*\n:get pubsub\n",
  "subscribe ch1\nget k\nunsubscribe ch1\n",
  "hello 3\nsubscribe ch1\nget text\npublish ch1 x\nunsubscribe\nget text\n",
  "hello 3\nclient tracking on\nget text\nset text hello\nget text\nget text\n",
  "connect 127.0.0.1 1\nping\n",
  "connect 127.0.0.1 PORT\nping\n",
  "incr text\nget text\n",
  "clear\n",
  "eval 'return 1' 0\r\nping\r\n",
  'set k "\\\n',
  "  ping  \t hello  \n",
  "debug protocol push\nping\n",
  "monitor extra words\nping\n",
  "asking\ncluster info\n",
];

/** The whole corpus. */
export function corpus(): Invocation[] {
  const rows = [...fill(), ...forms(), ...OPTIONS];
  for (const stdin of CONVERSATIONS) {
    rows.push({ args: [], stdin });
    rows.push({ args: [], stdin, env: { FAKETTY: "1" } });
    rows.push({ args: ["--json"], stdin });
  }
  return rows;
}
