"""Runs `spankit` against a server that answers as ClickHouse does over HTTP, with chDB as its engine, and compares the answers with files.

    clickhouse.py SPANKIT FOLDER

The server listens on a free port of the loopback interface. Prints a line for each difference.
"""
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
import urllib.parse

import shop
import sql

PASSWORD = "se cret"


class Handler(http.server.BaseHTTPRequestHandler):
    """The part of ClickHouse's HTTP interface that `spankit` uses."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, body = self.answer(query, dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True)))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, query, settings):
        if (self.headers.get("X-ClickHouse-User"), self.headers.get("X-ClickHouse-Key")) != ("reader", PASSWORD):
            return 403, b"Code: 516. DB::Exception: reader: Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)"
        if settings.pop("database") != "otel":
            return 404, b"Code: 81. DB::Exception: Database x does not exist. (UNKNOWN_DATABASE)"
        if settings.pop("wait_end_of_query") != "1":
            sql.complain("errors after the first row would be lost")
        values = {name.removeprefix("param_"): value for name, value in settings.items() if name.startswith("param_")}
        quote = settings["output_format_json_quote_64bit_integers"]
        with self.server.lock:
            try:
                self.server.queries.append(query)
                text = f"{query} SETTINGS output_format_json_quote_64bit_integers = {quote}"
                return 200, self.server.database.session.query(text, settings["default_format"], params=values).bytes()
            except RuntimeError as error:
                return 500, str(error).encode()


def run(program, *arguments, password=PASSWORD, **variables):
    environment = {"PATH": os.environ["PATH"], "TZ": "UTC", "CLICKHOUSE_USER": "reader", "CLICKHOUSE_PASSWORD": password} | variables
    ended = subprocess.run([program, *map(str, arguments)], capture_output=True, check=False, env=environment)
    if PASSWORD in (ended.stdout + ended.stderr).decode():
        sql.complain("the password is printed by", arguments)
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


def rows(program, *arguments):
    status, output, error = run(program, *arguments, "--format", "json")
    if status:
        raise RuntimeError(f"{arguments}: {error}")
    return json.loads(output)["rows"]


def refuses(program, status, message, *arguments, **variables):
    found, output, error = run(program, *arguments, **variables)
    if found != status or message not in error or error.count("\n") != 1 or output:
        sql.complain(f"{arguments} ended with {found} and said: {error!r}, not {message!r}")


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    file = folder / "spans.jsonl"
    shop.write([file], 10_000)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.lock, server.queries, server.database = threading.Lock(), [], sql.Database(folder / "database")
    server.database.load(file)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"clickhouse://127.0.0.1:{server.server_port}"
    url = f"{host}/otel"
    own = ("self_ns", "self_fraction", "unfinished_count")

    def known(found):
        # The server does not know self times. Both are ordered by total time then.
        return [{key: value for key, value in row.items() if key not in own} for row in found]

    def top(*options):
        return known(rows(program, "top", "--sort", "total", *options, file))

    sql.same("top --from", known(rows(program, "top", "--from", url)), top())
    sql.same("top --from of merged services", known(rows(program, "top", "--merge-services", "--from", url)), top("--merge-services"))
    sql.same("top --from by the longest run", [row["name"] for row in rows(program, "top", "--sort", "max", "--limit", "3", "--from", url)],
             [row["name"] for row in rows(program, "top", "--sort", "max", "--limit", "3", file)])
    since, until = sql.at(shop.START + 2400), sql.at(shop.START + 6000)
    part = ("--utc", "--since", since, "--until", until)
    sql.same("top --from of a time", known(rows(program, "top", *part, "--from", url)), top(*part))
    address = f"{url}?since={since.replace(' ', 'T')}Z&until={until.replace(' ', 'T')}Z"
    sql.same("top --from of a time in the address", known(rows(program, "top", "--from", address)), top(*part))
    sql.same("top --from of a service", known(rows(program, "top", "--from", url + "?service=web")), top("--where", "service=web"))
    hours = f"{url}?histograms=spankit_histograms_hour"
    sql.same("top --from of hours", known(rows(program, "top", "--from", hours)), top())
    middle = sql.at(shop.START + 5400).replace(" ", "T") + "Z"
    compared = {(row["service"], row["name"]): row for row in rows(program, "diff", f"{url}?until={middle}", f"{url}?since={middle}")}
    halves = [sql.by_operation(rows(program, "top", option, middle, file)) for option in ("--until", "--since")]
    sql.same("diff: operations", sorted(compared), sorted(halves[0].keys() | halves[1].keys()))
    for key, row in compared.items():
        for half, name in zip(halves, ("before", "after")):
            sql.same(f"diff: {key} {name}", row[f"count_{name}"], half.get(key, {"count": 0})["count"])
    sql.same("sql --from", sum(row["count"] for row in rows(program, "sql", "percentiles", "--from", url)), sum(row["count"] for row in top()))
    odd = "tab\t, line\nand 'quote' \\ {x:String}"
    sql.same("parameters", rows(program, "sql", "select {x:String} as x", "--param", f"x={odd}", "--from", url), [{"x": odd}])
    if any(odd in query for query in server.queries):
        sql.complain("a parameter is part of the text of a query")

    refuses(program, 69, "access is denied; set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD", "top", "--from", url, password="wrong")
    refuses(program, 69, "there is no database 'x'", "top", "--from", f"{host}/x")
    refuses(program, 65, "there are no histograms of this time", "top", "--since", "2020-01-01", "--until", "2020-01-02", "--from", url)
    refuses(program, 65, "the query failed: ", "sql", "select nonsense from otel_traces", "--from", url)
    refuses(program, 64, "there is no parameter 'from'", "top", "--from", url + "?from=1")
    server.database.ask("DROP TABLE spankit_histograms_hour_mv")
    server.database.ask("DROP TABLE spankit_histograms_hour")
    refuses(program, 69, "create what is missing with 'spankit sql --functions --schema --view'", "top", "--from", hours)
    server.database.ask("INSERT INTO spankit_histograms SELECT now(), 's', 'damaged', 'Internal', map(1, 5), 0, 1, 9, 3")
    refuses(program, 65, "the histogram of 'damaged' is damaged", "top", "--from", url)
    server.shutdown()
    server.server_close()
    refuses(program, 69, "nothing listens there", "top", "--from", url)
    sql.say(f"{len(server.queries)} queries")
    print("\n".join(sql.complaints))


if __name__ == "__main__":
    main()
