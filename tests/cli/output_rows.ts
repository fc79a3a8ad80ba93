// output_rows.ts: every reply type in every form. The expected bytes are those of valkey-cli 9.1,
// except where a row says otherwise; tests/e2e/cli_reference_test.ts holds the table against one.

/** A reply on the wire and what it looks like in each form. */
export type OutputRow = {
  name: string;
  wire: string;
  tty: string;
  raw: string;
  csv: string;
  json: string;
  /** Why the original client prints something else. */
  differs?: string;
};

/** The table. */
export const OUTPUT_ROWS: OutputRow[] = [
  {
    name: "status",
    wire: "+OK\r\n",
    tty: "OK\n",
    raw: "OK\n",
    csv: '"OK"\n',
    json: '"OK"\n',
  },
  {
    name: "error",
    wire: '-ERR "no"\r\n',
    tty: '(error) ERR "no"\n',
    raw: 'ERR "no"\n\n',
    csv: 'ERROR,"ERR \\"no\\""\n',
    json: 'error:"ERR \\"no\\""\n',
  },
  {
    name: "integer",
    wire: ":-9223372036854775808\r\n",
    tty: "(integer) -9223372036854775808\n",
    raw: "-9223372036854775808\n",
    csv: "-9223372036854775808\n",
    json: "-9223372036854775808\n",
  },
  {
    name: "string",
    wire: "$5\r\nhello\r\n",
    tty: '"hello"\n',
    raw: "hello\n",
    csv: '"hello"\n',
    json: '"hello"\n',
  },
  {
    name: "string of odd bytes",
    wire: '$12\r\n\0\x1b\xff\xc3\xa9\n\t"\\\x07\f\x7f\r\n',
    tty: '"\\x00\\x1b\\xff\\xc3\\xa9\\n\\t\\"\\\\\\a\\x0c\\x7f"\n',
    raw: '\0\x1b\xff\xc3\xa9\n\t"\\\x07\f\x7f\n',
    csv: '"\\x00\\x1b\\xff\\xc3\\xa9\\n\\t\\"\\\\\\a\\x0c\\x7f"\n',
    json: '"\\u0000\\u001b\xff\xc3\xa9\\n\\t\\"\\\\\\u0007\\f\x7f"\n',
  },
  {
    name: "empty string",
    wire: "$0\r\n\r\n",
    tty: '""\n',
    raw: "\n",
    csv: '""\n',
    json: '""\n',
  },
  { name: "nil", wire: "$-1\r\n", tty: "(nil)\n", raw: "\n", csv: "NULL\n", json: "null\n" },
  { name: "nil array", wire: "*-1\r\n", tty: "(nil)\n", raw: "\n", csv: "NULL\n", json: "null\n" },
  { name: "null", wire: "_\r\n", tty: "(nil)\n", raw: "\n", csv: "NULL\n", json: "null\n" },
  {
    name: "true",
    wire: "#t\r\n",
    tty: "(true)\n",
    raw: "(true)\n",
    csv: "true\n",
    json: "true\n",
  },
  {
    name: "false",
    wire: "#f\r\n",
    tty: "(false)\n",
    raw: "(false)\n",
    csv: "false\n",
    json: "false\n",
  },
  {
    name: "double",
    wire: ",3.141\r\n",
    tty: "(double) 3.141\n",
    raw: "3.141\n",
    csv: "3.141\n",
    json: "3.141\n",
  },
  {
    name: "verbatim",
    wire: "=10\r\ntxt:a\nb \xff!\r\n",
    tty: "a\nb \xff!\n",
    raw: "a\nb \xff!\n",
    csv: '"a\\nb \\xff!"\n',
    json: '"a\\nb \xff!"\n',
  },
  {
    name: "big number",
    differs: "ends with an error",
    wire: "(12345678901234567890123\r\n",
    tty: "(bignum) 12345678901234567890123\n",
    raw: "12345678901234567890123\n",
    csv: "12345678901234567890123\n",
    json: "12345678901234567890123\n",
  },
  {
    name: "array",
    wire: "*3\r\n$1\r\na\r\n:2\r\n$-1\r\n",
    tty: '1) "a"\n2) (integer) 2\n3) (nil)\n',
    raw: "a\n2\n\n",
    csv: '"a",2,NULL\n',
    json: '["a",2,null]\n',
  },
  {
    name: "nested arrays",
    wire: "*2\r\n*2\r\n:1\r\n*2\r\n:2\r\n*0\r\n*1\r\n*1\r\n:3\r\n",
    tty: "1) 1) (integer) 1\n   2) 1) (integer) 2\n      2) (empty array)\n" +
      "2) 1) 1) (integer) 3\n",
    raw: "1\n2\n\n3\n",
    csv: "1,2,,3\n",
    json: "[[1,[2,[]]],[[3]]]\n",
  },
  {
    name: "twelve elements",
    wire: `*12\r\n${":7\r\n".repeat(9)}*2\r\n:1\r\n:2\r\n:8\r\n:9\r\n`,
    tty: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ` ${n}) (integer) 7\n`).join("") +
      "10) 1) (integer) 1\n    2) (integer) 2\n11) (integer) 8\n12) (integer) 9\n",
    raw: "7\n".repeat(9) + "1\n2\n8\n9\n",
    csv: "7,".repeat(9) + "1,2,8,9\n",
    json: "[" + "7,".repeat(9) + "[1,2],8,9]\n",
  },
  {
    name: "error inside",
    wire: "*1\r\n-ERR x\r\n",
    tty: "1) (error) ERR x\n",
    raw: "ERR x\n\n",
    csv: 'ERROR,"ERR x"\n',
    json: '[error:"ERR x"]\n',
  },
  {
    name: "empty array",
    wire: "*0\r\n",
    tty: "(empty array)\n",
    raw: "\n",
    csv: "\n",
    json: "[]\n",
  },
  { name: "empty map", wire: "%0\r\n", tty: "(empty hash)\n", raw: "\n", csv: "\n", json: "{}\n" },
  { name: "empty set", wire: "~0\r\n", tty: "(empty set)\n", raw: "\n", csv: "\n", json: "[]\n" },
  {
    name: "empty push",
    differs: "drops it",
    wire: ">0\r\n",
    tty: "(empty push)\n",
    raw: "\n",
    csv: "\n",
    json: "[]\n",
  },
  {
    name: "set",
    wire: "~2\r\n+x\r\n*2\r\n:1\r\n:2\r\n",
    tty: "1~ x\n2~ 1) (integer) 1\n   2) (integer) 2\n",
    raw: "x\n1\n2\n",
    csv: '"x",1,2\n',
    json: '["x",[1,2]]\n',
  },
  {
    name: "push",
    differs: "drops a push where a reply is awaited",
    wire: ">2\r\n+x\r\n:1\r\n",
    tty: "1) x\n2) (integer) 1\n",
    raw: "x\n1\n",
    csv: '"x",1\n',
    json: '["x",1]\n',
  },
  {
    name: "map",
    wire: "%3\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n*2\r\n:2\r\n:3\r\n$1\r\nc\r\n%1\r\n+d\r\n*1\r\n:4\r\n",
    tty: '1# "a" => (integer) 1\n2# "b" => \n   1) (integer) 2\n   2) (integer) 3\n' +
      '3# "c" => 1# d => 1) (integer) 4\n',
    raw: "a 1\nb 2\n3\nc d 4\n",
    csv: '"a",1,"b",2,3,"c","d",4\n',
    json: '{"a":1,"b":[2,3],"c":{"d":[4]}}\n',
  },
  {
    name: "map with a value of several lines deep inside",
    wire: "%1\r\n+k\r\n*1\r\n%1\r\n+x\r\n*2\r\n:1\r\n:2\r\n",
    tty: "1# k => \n   1) 1# x => \n         1) (integer) 1\n         2) (integer) 2\n",
    raw: "k x 1\n2\n",
    csv: '"k","x",1,2\n',
    json: '{"k":[{"x":[1,2]}]}\n',
  },
  {
    name: "map with keys that are no strings",
    wire: "%3\r\n:1\r\n+one\r\n#t\r\n+yes\r\n_\r\n+no\r\n",
    tty: "1# (integer) 1 => one\n2# (true) => yes\n3# (nil) => no\n",
    raw: "1 one\n(true) yes\n no\n",
    csv: '1,"one",true,"yes",NULL,"no"\n',
    json: '{"1":"one","true":"yes","null":"no"}\n',
  },
  {
    name: "attribute",
    differs: "ends with an error",
    wire: "|1\r\n+ttl\r\n:3\r\n:1\r\n",
    tty: "(integer) 1\n",
    raw: "1\n",
    csv: "1\n",
    json: "1\n",
  },
  {
    name: "control bytes in a status are shown",
    differs: "sends them to the terminal",
    wire: "+a\x1b[2Jb\x7f\tc\r\n",
    tty: "a\\x1b[2Jb\\x7f\tc\n",
    raw: "a\x1b[2Jb\x7f\tc\n",
    csv: '"a\\x1b[2Jb\\x7f\\tc"\n',
    json: '"a\\u001b[2Jb\x7f\\tc"\n',
  },
];
