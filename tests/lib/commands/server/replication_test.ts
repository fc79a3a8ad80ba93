import { cases } from "../../../kit/cases.ts";

// What goes over the connections: tests/server/replication_test.ts.
cases("REPLICAOF", [
  ["nobody", ["REPLICAOF NO ONE"], "+OK"],
  ["nobody, in any case", ["REPLICAOF no One", "ROLE"], "*3 $6 master :0 *0"],
  ["no port", ["REPLICAOF localhost x"], "-ERR value is not an integer or out of range"],
  ["a port too large", ["REPLICAOF localhost 65536"], "-ERR Invalid master port"],
  ["a negative port", ["REPLICAOF localhost -1"], "-ERR Invalid master port"],
  ["arity", ["REPLICAOF localhost"], "-ERR wrong number of arguments for 'replicaof' command"],
]);

cases("SLAVEOF", [
  ["nobody", ["SLAVEOF NO ONE"], "+OK"],
  ["no port", ["SLAVEOF localhost x"], "-ERR value is not an integer or out of range"],
]);

cases("ROLE", [
  ["a primary", ["ROLE"], "*3 $6 master :0 *0"],
  ["in a transaction", ["MULTI", "ROLE", "EXEC"], "*1 *3 $6 master :0 *0"],
]);

cases("REPLCONF", [
  ["nothing", ["REPLCONF"], "+OK"],
  ["a port", ["REPLCONF listening-port 6380"], "+OK"],
  ["no port", ["REPLCONF listening-port x"], "-ERR value is not an integer or out of range"],
  ["an address", ["REPLCONF ip-address 10.0.0.1"], "+OK"],
  ["capabilities, known or not", ["REPLCONF capa eof capa psync2 capa more"], "+OK"],
  ["a version", ["REPLCONF version 9.1.0"], "+OK"],
  ["no version", ["REPLCONF version nine"], "-ERR Unrecognized version format: nine"],
  ["a snapshot only", ["REPLCONF rdb-only 1"], "+OK"],
  [
    "a snapshot only, perhaps",
    ["REPLCONF rdb-only 2"],
    "-ERR value is out of range, value must between 0 and 1",
  ],
  ["functions only", ["REPLCONF rdb-filter-only functions"], "+OK"],
  ["keys only", ["REPLCONF rdb-filter-only keys"], "-ERR Unsupported rdb-filter-only option: keys"],
  ["half a pair", ["REPLCONF listening-port"], "-ERR syntax error"],
  ["an unknown option", ["REPLCONF foo bar"], "-ERR Unrecognized REPLCONF option: foo"],
  [
    "no cluster",
    ["REPLCONF set-cluster-node-id x"],
    "-ERR This instance has cluster support disabled",
  ],
  ["no such snapshot", ["REPLCONF set-rdb-client-id 7"], "-ERR Unrecognized RDB client id 7"],
  ["an acknowledgement of nobody", ["REPLCONF ack 1", "PING"], "+PONG"],
  ["a wish for one", ["REPLCONF getack *", "PING"], "+PONG"],
]);

cases("PSYNC", [
  ["no offset", ["PSYNC ? x"], "-ERR value is not an integer or out of range"],
  ["taking over from a primary", [
    "PSYNC ? -1 FAILOVER",
  ], "-ERR PSYNC FAILOVER can't be sent to a master."],
  ["not in a transaction", [
    "MULTI",
    "PSYNC ? -1",
  ], "-ERR Command 'psync' not allowed inside a transaction"],
  ["arity", ["PSYNC ?"], "-ERR wrong number of arguments for 'psync' command"],
]);

cases("SYNC", [
  [
    "not in a transaction",
    ["MULTI", "SYNC"],
    "-ERR Command 'sync' not allowed inside a transaction",
  ],
  ["takes nothing", ["SYNC 1"], "-ERR wrong number of arguments for 'sync' command"],
]);
