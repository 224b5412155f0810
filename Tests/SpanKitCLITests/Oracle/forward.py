"""Makes random OTLP requests with every field of the official definitions, and compares them with what a receiver got.

forward.py make SEED COUNT json|protobuf KNOWN FOLDER   writes FOLDER/sent.jsonl, or FOLDER/sent.pb with a length before each request
forward.py compare FOLDER RECEIVED...                   prints what differs; RECEIVED are bodies, NAME.json or NAME.pb

KNOWN is `known`, or `unknown` to add fields to every message that the definitions do not have. The requests are filled by the
descriptors, so a field of a newer definition is in them as well.
"""

import base64
import json
import math
import os
import random
import sys

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor as Field
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest as Request

IDS = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
TEXTS = ["", "a", "é", "e\u0301", "日本 🎯", 'q"\\/\n\t\u0001', "x" * 300]
# Fields of profiles, which no trace has, are unknown to this package.
PROFILES = {"string_value_strindex", "key_strindex"}


def number(rng, field):
    bits = {Field.CPPTYPE_INT32: 31, Field.CPPTYPE_INT64: 63, Field.CPPTYPE_UINT32: 32, Field.CPPTYPE_UINT64: 64}
    largest = 2 ** bits[field.cpp_type] - 1
    value = rng.choice([0, 1, rng.randint(0, largest), largest])
    return -value - 1 if field.cpp_type == Field.CPPTYPE_INT64 and rng.random() < 0.3 else value


def scalar(rng, field):
    if field.cpp_type == Field.CPPTYPE_ENUM:
        return rng.choice(field.enum_type.values).number
    if field.cpp_type == Field.CPPTYPE_BOOL:
        return rng.random() < 0.5
    if field.cpp_type == Field.CPPTYPE_DOUBLE:
        return rng.choice([0.0, -0.0, 1.5, 1e300, 5e-324, math.inf, -math.inf, math.nan])
    if field.type == Field.TYPE_BYTES:
        count = IDS.get(field.name, rng.randint(0, 5))
        return bytes(rng.randint(1 if field.name in IDS else 0, 255) for _ in range(count))
    return rng.choice(TEXTS) if field.type == Field.TYPE_STRING else number(rng, field)


def fill(rng, message, unknown, depth=0):
    chosen = {group.name: rng.choice([f for f in group.fields if f.name not in PROFILES]).name
              for group in message.DESCRIPTOR.oneofs}
    for field in message.DESCRIPTOR.fields:
        if field.name in PROFILES:
            continue
        group = field.containing_oneof
        if group is not None and (chosen[group.name] != field.name or depth > 12 and field.message_type):
            continue
        is_id = field.name in ("trace_id", "span_id")
        if group is None and not is_id and field.name not in ("resource_spans", "scope_spans", "spans") and rng.random() < 0.3:
            continue
        count = rng.randint(1, 3) if field.is_repeated else 1
        for _ in range(count):
            if field.message_type:
                inner = getattr(message, field.name)
                inner = inner.add() if field.is_repeated else inner
                inner.SetInParent()
                fill(rng, inner, unknown, depth + 1)
            elif field.is_repeated:
                getattr(message, field.name).append(scalar(rng, field))
            else:
                setattr(message, field.name, scalar(rng, field))
    if message.DESCRIPTOR.name == "KeyValue":
        message.key += str(rng.randint(0, 10**9))
    if unknown and message.DESCRIPTOR.name != "ExportTraceServiceRequest" and rng.random() < 0.3:
        # Field 1000, a varint; 1001, bytes.
        message.MergeFromString(b"\xc0\x3e\x07" if rng.random() < 0.5 else b"\xca\x3e\x02hi")


def as_json(rng, message, unknown):
    """The object of OTLP/JSON: enums as numbers, ids in hexadecimal digits."""
    result = {}
    for field, value in message.ListFields():
        def one(value):
            if field.message_type:
                return as_json(rng, value, unknown)
            if field.type == Field.TYPE_BYTES and field.name in IDS:
                return value.hex()
            holder = type(message)()
            if field.is_repeated:
                getattr(holder, field.name).append(value)
                return json_format.MessageToDict(holder)[field.json_name][0]
            setattr(holder, field.name, value)
            if field.cpp_type == Field.CPPTYPE_ENUM:
                return value
            return json_format.MessageToDict(holder, always_print_fields_with_no_presence=True)[field.json_name]
        result[field.json_name] = [one(item) for item in value] if field.is_repeated else one(value)
    if unknown and message.DESCRIPTOR.name != "ExportTraceServiceRequest" and rng.random() < 0.3:
        result["newer"] = rng.choice([1, "two", None, {"spans": [], "a": [True, 1.5]}, ["é"]])
    return result


def make(seed, count, encoding, known, folder):
    rng = random.Random(seed)
    unknown = known == "unknown"
    with open(folder + ("/sent.jsonl" if encoding == "json" else "/sent.pb"), "wb") as file:
        for _ in range(count):
            request = Request()
            fill(rng, request, unknown and encoding == "protobuf")
            if encoding == "json":
                file.write(json.dumps(as_json(rng, request, unknown), ensure_ascii=False).encode() + b"\n")
            else:
                body = request.SerializeToString()
                file.write(len(body).to_bytes(4, "big") + body)


def base64_ids(value):
    if isinstance(value, list):
        return [base64_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: base64.b64encode(bytes.fromhex(item)).decode()
            if key in ("traceId", "spanId", "parentSpanId") else base64_ids(item) for key, item in value.items()}


def read(name):
    """The spans of a file, each as a text with its resource and its scope."""
    data = open(name, "rb").read()
    if name.endswith(".jsonl"):
        return [span for line in data.splitlines() if line for span in spans(json.loads(line))]
    if name.endswith(".json"):
        return spans(json.loads(data))
    bodies = [data]
    if name.endswith("sent.pb"):
        bodies, place = [], 0
        while place < len(data):
            length = int.from_bytes(data[place:place + 4], "big")
            bodies.append(data[place + 4:place + 4 + length])
            place += 4 + length
    return [span for body in bodies for span in spans(Request.FromString(body))]


def spans(request):
    if isinstance(request, dict):
        def canonical(value):
            if isinstance(value, dict):
                # An empty list is the same as no list.
                return {key: canonical(item) for key, item in value.items() if (key, item) != ("values", [])}
            return [canonical(item) for item in value] if isinstance(value, list) else value
        for resource in request.get("resourceSpans", []):
            for scope in resource.get("scopeSpans", []):
                for span in scope.get("spans", []):
                    outer = {key: item for key, item in resource.items() if key != "scopeSpans"}
                    inner = {key: item for key, item in scope.items() if key != "spans"}
                    yield json.dumps([canonical(outer), canonical(inner), canonical(span)], sort_keys=True)
        return
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                outer, inner = type(resource)(), type(scope)()
                outer.CopyFrom(resource)
                outer.ClearField("scope_spans")
                inner.CopyFrom(scope)
                inner.ClearField("spans")
                yield repr([part.SerializeToString(deterministic=True) for part in (outer, inner, span)])


def as_messages(names):
    """All spans as official messages, whatever the encoding; JSON by the official parser."""
    result = []
    for name in names:
        data = open(name, "rb").read()
        if name.endswith("sent.pb") or name.endswith(".pb"):
            result += read(name)
            continue
        for line in data.splitlines() if name.endswith(".jsonl") else [data]:
            if line:
                result += spans(json_format.ParseDict(base64_ids(json.loads(line)), Request()))
    return sorted(result)


def compare(folder, received):
    sent = folder + "/sent.jsonl" if os.path.exists(folder + "/sent.jsonl") else folder + "/sent.pb"
    same = all(name.endswith(".json") == sent.endswith(".jsonl") for name in received)
    if same:
        left, right = sorted(read(sent)), sorted(span for name in received for span in read(name))
    else:
        left, right = as_messages([sent]), as_messages(received)
    print("%d sent, %d received" % (len(left), len(right)))
    for one, other in zip(left, right):
        if one != other:
            place = max(0, next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), 0) - 200)
            print("sent     %s\nreceived %s" % (one[place:place + 600], other[place:place + 600]))
            return


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5], sys.argv[6])
    else:
        compare(sys.argv[2], sys.argv[3:])
