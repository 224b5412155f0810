"""Decodes OTLP with the official protobuf definitions, as strictly as the specification demands.

otlp.py traces|metrics|logs VERDICT FILE...

FILE is NAME.json (one request), NAME.jsonl (one request on each line) or NAME.pb (one request). VERDICT is written as a JSON
object with the errors ("complaints"), each request as protobuf with a fixed order of fields ("messages", hexadecimal), the spans
("spans"), the metrics ("metrics") and the log records ("logRecords").

json_format alone is too lenient: it accepts snake_case keys, names of enum values and numbers for 64-bit integers, and reads
32 hexadecimal digits as base64. So the JSON is first checked against the descriptors, and IDs are converted to base64.
"""

import base64
import json
import math
import re
import struct
import sys

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

REQUESTS = {"traces": ExportTraceServiceRequest, "metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest}
ID_BYTES = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
RANGES = {
    Field.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    Field.CPPTYPE_UINT32: (0, 2**32 - 1),
    Field.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    Field.CPPTYPE_UINT64: (0, 2**64 - 1),
}


class Wrong(Exception):
    pass


def unique(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Wrong("a key appears twice in one object: %s" % [key for key, _ in pairs])
    return result


def no_constant(text):
    raise Wrong("bare %s is not JSON" % text)


def checked(value, descriptor, at):
    """The object with hex ids as base64; raises at the first thing that is not as the specification says."""
    if not isinstance(value, dict):
        raise Wrong("%s: not an object: %r" % (at, value))
    fields = {field.json_name: field for field in descriptor.fields}
    result, chosen = {}, {}
    for key, content in value.items():
        place = "%s.%s" % (at, key)
        field = fields.get(key)
        if field is None:
            raise Wrong(place + ": no such field")
        group = field.containing_oneof
        if group is not None and chosen.setdefault(group.name, key) != key:
            raise Wrong("%s: %s and %s exclude each other" % (at, chosen[group.name], key))
        if not field.is_repeated:
            result[key] = checked_value(content, field, place)
        elif isinstance(content, list):
            result[key] = [checked_value(item, field, "%s[%d]" % (place, i)) for i, item in enumerate(content)]
        else:
            raise Wrong("%s: not an array: %r" % (place, content))
    return result


def checked_value(value, field, at):
    kind = field.cpp_type
    if kind == Field.CPPTYPE_MESSAGE:
        return checked(value, field.message_type, at)
    if field.type == Field.TYPE_BYTES:
        if not isinstance(value, str):
            raise Wrong("%s: not a text: %r" % (at, value))
        if field.name not in ID_BYTES:
            base64.b64decode(value, validate=True)
            return value
        if value != "" and not re.fullmatch("[0-9a-f]{%d}" % (2 * ID_BYTES[field.name]), value):
            raise Wrong("%s: not %d lower-case hex digits: %r" % (at, 2 * ID_BYTES[field.name], value))
        return base64.b64encode(bytes.fromhex(value)).decode()
    if kind in (Field.CPPTYPE_INT64, Field.CPPTYPE_UINT64):
        if not isinstance(value, str) or not re.fullmatch(r"-?(0|[1-9]\d*)", value):
            raise Wrong("%s: a 64-bit integer is a decimal text: %r" % (at, value))
    elif kind in (Field.CPPTYPE_INT32, Field.CPPTYPE_UINT32, Field.CPPTYPE_ENUM):
        if type(value) is not int:
            raise Wrong("%s: not an integer: %r" % (at, value))
    elif kind in (Field.CPPTYPE_DOUBLE, Field.CPPTYPE_FLOAT):
        if type(value) not in (int, float) and value not in ("NaN", "Infinity", "-Infinity"):
            raise Wrong("%s: not a number: %r" % (at, value))
    elif kind == Field.CPPTYPE_BOOL:
        if type(value) is not bool:
            raise Wrong("%s: not a boolean: %r" % (at, value))
    elif not isinstance(value, str):
        raise Wrong("%s: not a text: %r" % (at, value))
    if kind in RANGES and not RANGES[kind][0] <= int(value) <= RANGES[kind][1]:
        raise Wrong("%s: out of range: %r" % (at, value))
    if kind == Field.CPPTYPE_ENUM and value not in field.enum_type.values_by_number:
        raise Wrong("%s: no such value of %s: %r" % (at, field.enum_type.name, value))
    return value


def from_json(text, kind):
    message = kind()
    value = checked(json.loads(text, object_pairs_hook=unique, parse_constant=no_constant), kind.DESCRIPTOR, "$")
    return json_format.ParseDict(value, message, ignore_unknown_fields=False)


def from_protobuf(data, kind):
    message = kind()
    message.ParseFromString(data)
    known(message, "$")
    return message


def known(message, at):
    for field in UnknownFieldSet(message):
        raise Wrong("%s: no field has the number %d" % (at, field.field_number))
    for field, value in message.ListFields():
        if field.cpp_type == Field.CPPTYPE_MESSAGE:
            for item in value if field.is_repeated else [value]:
                known(item, "%s.%s" % (at, field.json_name))


def read(path, kind):
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".pb"):
        return [from_protobuf(data, kind)]
    text = data.decode("utf-8")
    if not path.endswith(".jsonl"):
        return [from_json(text, kind)]
    if not text.endswith("\n"):
        raise Wrong("the last line has no end")
    return [from_json(line, kind) for line in text[:-1].split("\n")]


def canonical_value(value):
    kind = value.WhichOneof("value")
    if kind is None:
        return {}
    content = getattr(value, kind)
    if kind == "array_value":
        return {"array": [canonical_value(item) for item in content.values]}
    if kind == "kvlist_value":
        return {"map": attributes(content.values)}
    if kind == "bytes_value":
        return {"bytes": content.hex()}
    if kind == "double_value":
        return {"double": bits(content)}
    if kind == "int_value":
        return {"int": str(content)}
    return {kind.removesuffix("_value"): content}


def bits(number):
    """The bits of a double as a decimal text; the same for every NaN."""
    return str(0x7FF8000000000000 if math.isnan(number) else struct.unpack(">Q", struct.pack(">d", number))[0])


def attributes(pairs):
    return [{"key": pair.key, "value": canonical_value(pair.value)} for pair in pairs]


def canonical_span(span, scope_spans, resource_spans):
    return {
        "traceID": span.trace_id.hex(),
        "spanID": span.span_id.hex(),
        "parentSpanID": span.parent_span_id.hex(),
        "traceState": span.trace_state,
        "flags": span.flags,
        "name": span.name,
        "kind": span.kind,
        "startNanoseconds": span.start_time_unix_nano,
        "endNanoseconds": span.end_time_unix_nano,
        "attributes": attributes(span.attributes),
        "droppedAttributes": span.dropped_attributes_count,
        "events": [
            {
                "name": event.name,
                "nanoseconds": event.time_unix_nano,
                "attributes": attributes(event.attributes),
                "droppedAttributes": event.dropped_attributes_count,
            }
            for event in span.events
        ],
        "droppedEvents": span.dropped_events_count,
        "links": [
            {
                "traceID": link.trace_id.hex(),
                "spanID": link.span_id.hex(),
                "traceState": link.trace_state,
                "flags": link.flags,
                "attributes": attributes(link.attributes),
                "droppedAttributes": link.dropped_attributes_count,
            }
            for link in span.links
        ],
        "droppedLinks": span.dropped_links_count,
        "status": span.status.code,
        "statusMessage": span.status.message,
        "scope": scope_spans.scope.name,
        "scopeVersion": scope_spans.scope.version,
        "scopeAttributes": attributes(scope_spans.scope.attributes),
        "scopeSchemaURL": scope_spans.schema_url,
        "resource": attributes(resource_spans.resource.attributes),
    }


def optional(message, field):
    return bits(getattr(message, field)) if message.HasField(field) else "-"


def canonical_number(message):
    kind = message.WhichOneof("value")
    if kind is None:
        return ["-"]
    return ["int", str(message.as_int)] if kind == "as_int" else ["double", bits(message.as_double)]


def canonical_buckets(buckets):
    return [str(buckets.offset), *map(str, buckets.bucket_counts)]


def canonical_point_value(point, kind):
    if kind in ("gauge", "sum"):
        return canonical_number(point)
    if kind == "summary":
        quantiles = [text for pair in point.quantile_values for text in (bits(pair.quantile), bits(pair.value))]
        return [str(point.count), bits(point.sum), *quantiles]
    totals = [str(point.count), *(optional(point, field) for field in ("sum", "min", "max"))]
    if kind == "histogram":
        return [*totals, *map(str, point.bucket_counts), "bounds", *map(bits, point.explicit_bounds)]
    return [
        *totals,
        *(str(point.scale), str(point.zero_count), bits(point.zero_threshold)),
        *canonical_buckets(point.positive),
        "negative",
        *canonical_buckets(point.negative),
    ]


def canonical_metric(metric):
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind)
    return {
        "name": metric.name,
        "description": metric.description,
        "unit": metric.unit,
        "kind": kind,
        "temporality": getattr(data, "aggregation_temporality", 0),
        "isMonotonic": getattr(data, "is_monotonic", False),
        "points": [
            {
                "attributes": attributes(point.attributes),
                "start": point.start_time_unix_nano,
                "time": point.time_unix_nano,
                "flags": point.flags,
                "value": canonical_point_value(point, kind),
                "exemplars": [
                    {
                        "time": exemplar.time_unix_nano,
                        "value": canonical_number(exemplar),
                        "traceID": exemplar.trace_id.hex(),
                        "spanID": exemplar.span_id.hex(),
                        "filteredAttributes": attributes(exemplar.filtered_attributes),
                    }
                    for exemplar in getattr(point, "exemplars", [])
                ],
            }
            for point in data.data_points
        ],
    }


def canonical_record(record, scope_logs, resource_logs):
    return {
        "nanoseconds": record.time_unix_nano,
        "observedNanoseconds": record.observed_time_unix_nano,
        "severity": record.severity_number,
        "severityText": record.severity_text,
        "body": canonical_value(record.body) if record.HasField("body") else None,
        "attributes": attributes(record.attributes),
        "droppedAttributes": record.dropped_attributes_count,
        "flags": record.flags,
        "traceID": record.trace_id.hex(),
        "spanID": record.span_id.hex(),
        "eventName": record.event_name,
        "scope": scope_logs.scope.name,
        "resource": attributes(resource_logs.resource.attributes),
    }


def record_complaints(record):
    name = "log record %r" % record.body.string_value[:40]
    for what, value, size in [("trace id", record.trace_id, 16), ("span id", record.span_id, 8)]:
        if value and (len(value) != size or not any(value)):
            yield "%s: %s is %r" % (name, what, value.hex())
    if record.flags >> 8:
        yield "%s: bits 8 to 31 of the flags are reserved: %d" % (name, record.flags)
    if not record.observed_time_unix_nano:
        yield name + ": has no observed time"
    keys = [pair.key for pair in record.attributes]
    if len(set(keys)) != len(keys) or "" in keys:
        yield "%s: attribute keys are empty or appear twice: %r" % (name, keys)


def complaints(span):
    name = "span %r" % span.name
    ids = [("trace id", span.trace_id, 16), ("span id", span.span_id, 8)]
    for link in span.links:
        ids += [("trace id of a link", link.trace_id, 16), ("span id of a link", link.span_id, 8)]
    for what, value, size in ids + ([("parent", span.parent_span_id, 8)] if span.parent_span_id else []):
        if len(value) != size or not any(value):
            yield "%s: %s is %r" % (name, what, value.hex())
    if span.parent_span_id == span.span_id:
        yield name + ": is its own parent"
    if span.end_time_unix_nano < span.start_time_unix_nano:
        yield name + ": ends before it starts"
    for holder in [span, *span.events, *span.links]:
        keys = [pair.key for pair in holder.attributes]
        if len(set(keys)) != len(keys) or "" in keys:
            yield "%s: attribute keys are empty or appear twice: %r" % (name, keys)


def main():
    kind = REQUESTS[sys.argv[1]]
    verdict = {"complaints": [], "messages": [], "spans": [], "metrics": [], "logRecords": []}
    for path in sys.argv[3:]:
        place = path.rsplit("/", 1)[-1]
        try:
            messages = read(path, kind)
        except Exception as error:
            verdict["complaints"].append("%s: %s: %s" % (place, type(error).__name__, error))
            continue
        for message in messages:
            verdict["messages"].append(message.SerializeToString(deterministic=True).hex())
            for resource_spans in getattr(message, "resource_spans", []):
                for scope_spans in resource_spans.scope_spans:
                    for span in scope_spans.spans:
                        verdict["complaints"].extend("%s: %s" % (place, complaint) for complaint in complaints(span))
                        verdict["spans"].append(canonical_span(span, scope_spans, resource_spans))
            for resource_metrics in getattr(message, "resource_metrics", []):
                for scope_metrics in resource_metrics.scope_metrics:
                    verdict["metrics"].extend(canonical_metric(metric) for metric in scope_metrics.metrics)
            for resource_logs in getattr(message, "resource_logs", []):
                for scope_logs in resource_logs.scope_logs:
                    for record in scope_logs.log_records:
                        wrong = record_complaints(record)
                        verdict["complaints"].extend("%s: %s" % (place, complaint) for complaint in wrong)
                        verdict["logRecords"].append(canonical_record(record, scope_logs, resource_logs))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(verdict, file)


main()
