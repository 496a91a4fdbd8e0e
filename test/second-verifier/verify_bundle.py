#!/usr/bin/env python3
"""A second verifier of evidence bundles, written from packages/evidence/FORMAT.md and BUNDLE.md alone.

    verify_bundle.py bundle.zip [--key FIRST_KEY_ID]
    verify_bundle.py --serve            one path a line on stdin, optionally a tab and the first key's id; one JSON line back each

Prints {"ok": ..., "at": first wrong item or null, "problem": ...}. Python 3.8 and its standard library only; Ed25519 is RFC 8032 in pure Python.
"""
import base64
import hashlib
import json
import struct
import sys
import zlib

# ── Ed25519 (RFC 8032 §5.1), verification only ──────────────────────────────────────────────────────────────────────
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * ROOT % P
    if (x * x - x2) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e = (y1 - x1) * (y2 - x2) % P
    f = (y1 + x1) * (y2 + x2) % P
    g = 2 * t1 * t2 * D % P
    h = 2 * z1 * z2 % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return (i * j % P, k * m % P, j * k % P, i * m % P)


def multiply(s, point):
    result = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            result = add(result, point)
        point = add(point, point)
        s >>= 1
    return result


def decode(data):
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    x = recover(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover(BASE_Y, 0), BASE_Y, 1, recover(BASE_Y, 0) * BASE_Y % P)


def ed25519_holds(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decode(public), decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    x1, y1, z1, _ = multiply(s, BASE)
    x2, y2, z2, _ = add(r, multiply(k, a))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


HELD = {}


def signature_holds(spki_base64, message, signature):
    """The same key and head come up again and again: remembered by their bytes."""
    name = (spki_base64, message, signature)
    if name not in HELD:
        der = base64.b64decode(spki_base64, validate=True)
        # SubjectPublicKeyInfo of Ed25519 (RFC 8410 §4): twelve fixed bytes, then the key.
        HELD[name] = der[:12] == bytes.fromhex("302a300506032b6570032100") and ed25519_holds(der[12:], message, signature)
    return HELD[name]


# ── Canonical JSON (RFC 8785) ───────────────────────────────────────────────────────────────────────────────────────
def quote(text):
    return json.dumps(text, ensure_ascii=False)


def canonical(value):
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(quote(k) + ":" + canonical(v) for k, v in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(v) for v in value) + "]"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return json.dumps(value)
    return number(value)


def number(value):
    """ECMAScript's Number::toString of a double."""
    if value == 0:
        return "0"
    digits, _, exponent = ("%r" % abs(value)).partition("e")
    whole, _, fraction = digits.partition(".")
    if fraction == "0":
        fraction = ""
    point = len(whole) + int(exponent or 0)
    text = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len((whole + fraction).lstrip("0"))
    text = text.rstrip("0")
    count = len(text)
    sign = "-" if value < 0 else ""
    if count <= point <= 21:
        return sign + text + "0" * (point - count)
    if 0 < point <= 21:
        return sign + text[:point] + "." + text[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + text
    power = point - 1
    mantissa = text if count == 1 else text[0] + "." + text[1:]
    return sign + mantissa + "e" + ("+" if power >= 0 else "-") + str(abs(power))


def unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Wrong(None, "a member stands twice")
    return found


def parse(data):
    return json.loads(data.decode("utf-8"), object_pairs_hook=unique)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def digest_of(value):
    return sha(canonical(value).encode("utf-8"))


def is_digest(value):
    return isinstance(value, str) and len(value) == 64 and all(c in "0123456789abcdef" for c in value)


def is_salt(value):
    return isinstance(value, str) and len(value) == 32 and all(c in "0123456789abcdef" for c in value)


class Wrong(Exception):
    def __init__(self, at, problem):
        super().__init__(problem)
        self.at = at
        self.problem = problem


NONE = "0" * 64


# ── The ZIP ─────────────────────────────────────────────────────────────────────────────────────────────────────────
LAST = ["manifest.json", "SHA256SUMS", "SHA256SUMS.sig"]
ALPHABET = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")


def rank(path):
    return (1 + LAST.index(path), "") if path in LAST else (0, path)


def path_ok(path):
    return 0 < len(path) <= 200 and set(path) <= ALPHABET and all(p not in ("", ".", "..") for p in path.split("/"))


def local_head(path, crc, size):
    return struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 0x21, crc, size, size, len(path), 0) + path.encode("ascii")


def read_zip(data):
    entries = []
    at = 0
    path = "zip"
    while True:
        magic = data[at : at + 4]
        if magic in (b"PK\x01\x02", b"PK\x05\x06"):
            break
        if len(data) - at < 30 or magic != b"PK\x03\x04":
            raise Wrong(path, "no file begins behind it")
        crc, size = struct.unpack_from("<II", data, at + 14)
        (length,) = struct.unpack_from("<H", data, at + 26)
        name = data[at + 30 : at + 30 + length].decode("latin-1")
        if not path_ok(name):
            raise Wrong(path, "the file behind it has no name that a bundle may have")
        path = name
        head = local_head(path, crc, size)
        if data[at : at + len(head)] != head:
            raise Wrong(path, "its head is not as a bundle has it")
        if entries and rank(entries[-1][0]) >= rank(path):
            raise Wrong(path, "out of order, or twice")
        start = at + len(head)
        if start + size > len(data):
            raise Wrong(path, "cut off")
        entries.append((path, crc, at, data[start : start + size]))
        at = start + size
    if len(data) > 0xFFFFFFFF or len(entries) > 0xFFFF:
        raise Wrong("zip", "too large")
    directory = b"".join(
        struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 0x0314, 20, 0, 0, 0, 0x21, crc, len(body), len(body), len(path), 0, 0, 0, 0, 0x81A40000, where
        )
        + path.encode("ascii")
        for path, crc, where, body in entries
    )
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(directory), at, 0)
    if data[at:] != directory + end:
        raise Wrong("zip", "its directory is not that of its files")
    return entries


# ── Lines, leaves, trees ────────────────────────────────────────────────────────────────────────────────────────────
def lines_of(files, path):
    data = files[path]
    if data and not data.endswith(b"\n"):
        raise Wrong("%s:%d" % (path, data.count(b"\n") + 1), "no line feed at the end")
    return data.split(b"\n")[:-1]


def values(files, path):
    for n, line in enumerate(lines_of(files, path)):
        try:
            yield n + 1, parse(line)
        except Wrong as wrong:
            raise Wrong("%s:%d" % (path, n + 1), wrong.problem)
        except (ValueError, UnicodeDecodeError) as error:
            raise Wrong("%s:%d" % (path, n + 1), str(error))


def home_of(text):
    stream, generation, partition, offset = text.split(".")
    home = (stream, int(generation), int(partition), int(offset))
    if "%s.%d.%d.%d" % home != text:
        raise ValueError("no id")
    return home


def name_bytes(text):
    data = text.encode("utf-8")
    return struct.pack(">H", len(data)) + data


LATENESS = {None: 0, "late": 1, "future": 2, "imported": 3}


def leaf_of(record, raw, text):
    stream, generation, partition, offset = home_of(record["id"])
    lateness = LATENESS[record.get("lateness")]
    kind = {"event": 1, "dead-letter": 2}[record["kind"]]
    if kind == 2 and lateness != 0:
        raise ValueError("a dead letter has no lateness")
    place = name_bytes(stream) + struct.pack(">IIQ", generation, partition, offset)
    place += name_bytes(record["tenant"]) + name_bytes(record["source"]) + bytes([lateness])
    salts = [record["s1"], record["s2"]]
    if not all(is_digest(salt) for salt in salts):
        raise ValueError("a salt is no digest")
    first = hashlib.sha256(bytes.fromhex(salts[0]) + raw + struct.pack(">Q", record["arrival"])).digest()
    second = hashlib.sha256(bytes.fromhex(salts[1]) + text).digest()
    return sha(bytes([0, 1, kind]) + place + first + second)


def node(left, right):
    return sha(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right))


def root_of(count, leaves, hashes):
    """leaves: list of (index, leaf) ascending."""
    rest, unused = list(reversed(leaves)), list(reversed(hashes))

    def prove(start, stop):
        if not rest or rest[-1][0] >= stop:
            return unused.pop()
        if stop - start == 1:
            return rest.pop()[1]
        left = 1
        while left * 2 < stop - start:
            left *= 2
        a = prove(start, start + left)
        return node(a, prove(start + left, stop))

    if not all(is_digest(h) for h in hashes) or any(not 0 <= index < count for index, _ in leaves):
        return None
    try:
        root = prove(0, count)
    except IndexError:
        return None
    return root if not rest and not unused else None


def root_of_path(leaf, index, count, path):
    """RFC 9162 §2.1.3.2."""
    if not (is_digest(leaf) and all(is_digest(p) for p in path) and 0 <= index < count):
        return None
    at, last, found = index, count - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if at % 2 == 1 or at == last:
            found = node(sibling, found)
            while at % 2 == 0 and at != 0:
                at //= 2
                last //= 2
        else:
            found = node(found, sibling)
        at //= 2
        last //= 2
    return found if last == 0 else None


# ── The bundle ──────────────────────────────────────────────────────────────────────────────────────────────────────
NEEDED = ["entries.jsonl", "events.jsonl", "key.pem", "keys.jsonl", "proofs.jsonl", "raw.log", "records.jsonl", "seals.jsonl", "tips.jsonl"] + LAST


def check_keys(files, first):
    keys = []
    for n, key in values(files, "keys.jsonl"):
        at = "keys.jsonl:%d" % n
        der = base64.b64decode(key["publicKey"], validate=True)
        before = keys[-1] if keys else None
        if key.get("version") != 1 or key["id"] != sha(der):
            raise Wrong(at, "its id is not the digest of its public key")
        if key.get("replaces") != (before["id"] if before else None):
            raise Wrong(at, "it replaces another key than the one before it")
        if before and key["from"] < before["from"]:
            raise Wrong(at, "it begins before the one that it replaces")
        if "revokedFrom" in key and (before is None or key["revokedFrom"] > key["from"]):
            raise Wrong(at, "it revokes a key that it does not replace")
        text = "varde key 1\n" + canonical({k: v for k, v in key.items() if k != "signature"})
        signature = base64.b64decode(key["signature"], validate=True)
        if base64.b64encode(signature).decode() != key["signature"]:
            raise Wrong(at, "its signature is spelt otherwise")
        if not signature_holds((before or key)["publicKey"], text.encode("utf-8"), signature):
            raise Wrong(at, "its signature is wrong")
        keys.append(key)
    if not keys:
        raise Wrong("keys.jsonl", "no key")
    if first is not None and keys[0]["id"] != first:
        raise Wrong("keys.jsonl:1", "it does not begin with the known key")
    return keys


def check_sums(entries, files, keys):
    sums = files["SHA256SUMS"]
    wrong = [path for path, crc, _, body in entries if zlib.crc32(body) != crc]
    lines = sums.split(b"\n")
    listed = [(sha(body) + "  " + path).encode() for path, _, _, body in entries[:-2]]
    damaged = [path for n, (path, _, _, _) in enumerate(entries[:-2]) if n >= len(lines) or lines[n] != listed[n]]
    damaged += [path for path in wrong if path not in damaged]
    if len(lines) != len(listed) + 1 or lines[-1] != b"":
        damaged.append("SHA256SUMS")
    manifest = parse(files["manifest.json"])
    if canonical(manifest).encode("utf-8") + b"\n" != files["manifest.json"]:
        raise Wrong("manifest.json", "not canonical")
    if manifest["format"] != "varde bundle" or manifest["version"] != 1:
        raise Wrong("manifest.json", "no bundle of version 1")
    if manifest["files"] != [{"path": path, "bytes": len(body)} for path, _, _, body in entries[:-3]]:
        raise Wrong("manifest.json", "it lists other files")
    signer = next((key for key in keys if key["id"] == manifest["key"]), None)
    if signer is None:
        raise Wrong("manifest.json", "its key is not among keys.jsonl")
    body = signer["publicKey"]
    pem = "-----BEGIN PUBLIC KEY-----\n" + "\n".join(body[n : n + 64] for n in range(0, len(body), 64)) + "\n-----END PUBLIC KEY-----\n"
    if files["key.pem"] != pem.encode():
        damaged.append("key.pem")
    if not signature_holds(signer["publicKey"], sums, files["SHA256SUMS.sig"]):
        damaged.append("SHA256SUMS.sig")
    return manifest, damaged


def seal_id(seal):
    return "%s.%d.%d.%d" % (seal["stream"], seal["generation"], seal["partition"], seal["seq"])


def seal_order(seal):
    return (seal["stream"].encode(), seal["generation"], seal["partition"], seal["seq"])


def read_seals(files):
    seals = {}
    before = None
    for n, seal in values(files, "seals.jsonl"):
        at = "seals.jsonl:%d" % n
        if seal["version"] != 1 or (before is not None and seal_order(before) >= seal_order(seal)):
            raise Wrong(at, "out of order, twice, or of another version")
        before = seal
        seals[seal_id(seal)] = (n, seal)
    return seals


def check_records(files, seals, manifest):
    events, raw = lines_of(files, "events.jsonl"), files["raw.log"]
    records = list(values(files, "records.jsonl"))
    event_at = raw_at = record_at = 0
    before = before_seal = None
    for n, proof in values(files, "proofs.jsonl"):
        at = "proofs.jsonl:%d" % n
        if proof["seal"] not in seals:
            raise Wrong(at, "its seal is not in the bundle")
        seal = seals[proof["seal"]][1]
        if before_seal is not None and before_seal >= seal_order(seal):
            raise Wrong(at, "out of order, or twice")
        before_seal = seal_order(seal)
        leaves = []
        while record_at < len(records):
            line, record = records[record_at]
            place = "records.jsonl:%d" % line
            try:
                home = home_of(record["id"])
                if home[:3] != (seal["stream"], seal["generation"], seal["partition"]) or not seal["from"] <= home[3] < seal["to"]:
                    break
                order = (home[0].encode(),) + home[1:]
                if before is not None and before >= order:
                    raise Wrong(place, "out of order, or twice")
                before = order
                if record["kind"] != "withheld":
                    body = raw[raw_at : raw_at + record["bytes"] + 1]
                    if record["bytes"] < 0 or len(body) != record["bytes"] + 1 or body[-1:] != b"\n":
                        raise Wrong(place, "raw.log does not hold it")
                    raw_at += len(body)
                    if record["kind"] == "event":
                        text = events[event_at]
                        event_at += 1
                    else:
                        text = record["text"].encode("utf-8")
                    if leaf_of(record, body[:-1], text) != record["leaf"]:
                        raise Wrong(place, "its bytes do not give its leaf")
                    if record["tenant"] not in manifest["tenants"]:
                        raise Wrong(place, "a tenant that the manifest does not name")
                elif not is_digest(record["leaf"]):
                    raise Wrong(place, "withheld, without a leaf")
            except (KeyError, ValueError, TypeError, IndexError, struct.error) as error:
                raise Wrong(place, "it is no record: %r" % error)
            leaves.append((home[3] - seal["from"], record["leaf"]))
            record_at += 1
        if not leaves or root_of(seal["count"], leaves, proof["hashes"]) != seal["root"]:
            raise Wrong(at, "its records do not lead to the seal's root")
    if record_at != len(records):
        raise Wrong("records.jsonl:%d" % records[record_at][0], "no proof leads from it to a seal")
    if event_at != len(events):
        raise Wrong("events.jsonl:%d" % (event_at + 1), "more events than records")
    if raw_at != len(raw):
        raise Wrong("raw.log", "more than the records")
    if len(records) != manifest["records"]:
        raise Wrong("records.jsonl", "the manifest says another number of records")


def check_tips(files, keys):
    heads, tips = {}, set()
    before = None
    for n, line in values(files, "tips.jsonl"):
        at = "tips.jsonl:%d" % n
        if before is not None and (line["head"], line["index"]) <= before:
            raise Wrong(at, "out of order, or twice")
        before = (line["head"], line["index"])
        number = line["head"]
        if number not in heads:
            heads[number] = check_head(files, keys, number, at)
        head = heads[number]
        leaf = sha(b"\x00" + canonical(line["tip"]).encode("utf-8"))
        if root_of_path(leaf, line["index"], head["chains"], line["path"]) != head["root"]:
            raise Wrong(at, "it does not lead to the root of its head")
        tips.add(line["tip"]["hash"])
    for path in files:
        if path.startswith("heads/"):
            name = path[6:].split(".")
            if len(name[0]) < 8 or not name[0].isdigit() or int(name[0]) not in heads or len(name) not in (2, 3):
                raise Wrong(path, "no tip names its head")
            if (len(name) == 2 and name[1] not in ("txt", "sig")) or (len(name) == 3 and name[2] != "tsr"):
                raise Wrong(path, "no file of a head")
    known = sorted(heads)
    for a, b in zip(known, known[1:]):
        at = "heads/%08d.txt" % b
        if heads[b]["at"] < heads[a]["at"]:
            raise Wrong(at, "older than the one before it")
        if b == a + 1 and heads[b]["previous"] != digest_of(heads[a]):
            raise Wrong(at, "it names another head before it")
    last = max((head["at"] for head in heads.values()), default=None)
    return tips, last


def check_head(files, keys, number, at):
    path = "heads/%08d" % number
    if path + ".txt" not in files or path + ".sig" not in files:
        raise Wrong(at, "its head is missing")
    text = files[path + ".txt"]
    if not text.startswith(b"varde head 1\n"):
        raise Wrong(path + ".txt", "no head")
    try:
        head = parse(text[13:])
    except (ValueError, UnicodeDecodeError) as error:
        raise Wrong(path + ".txt", str(error))
    if canonical(head).encode("utf-8") != text[13:] or head["number"] != number or head["version"] != 1:
        raise Wrong(path + ".txt", "not canonical, or of another number")
    key = next((key for key in keys if key["id"] == head["key"]), None)
    next_key = next((other for other in keys if other.get("replaces") == head["key"]), None)
    if key is None or head["at"] < key["from"] or (next_key is not None and head["at"] > next_key["from"]):
        raise Wrong(path + ".txt", "its key was not in use")
    if next_key is not None and "revokedFrom" in next_key and head["at"] >= next_key["revokedFrom"]:
        raise Wrong(path + ".txt", "its key is revoked")
    if not signature_holds(key["publicKey"], text, files[path + ".sig"]):
        raise Wrong(path + ".sig", "its signature is wrong")
    return head


def check_chains(seals, tips, last):
    unsigned, signed = [], set()
    for number, seal in reversed(list(seals.values())):
        name = seal_id(seal)
        following = seals.get(seal_id(dict(seal, seq=seal["seq"] + 1)))
        good = digest_of(seal) in tips
        if following is not None:
            line, after = following
            if after["previous"] != digest_of(seal) or after["from"] != seal["to"]:
                raise Wrong("seals.jsonl:%d" % line, "it does not follow the one before it")
            good = good or seal_id(after) in signed
        if seal["seq"] == 0 and (seal["previous"] != NONE or seal["from"] != 0):
            raise Wrong("seals.jsonl:%d" % number, "it is not the first of its chain")
        if good:
            signed.add(name)
            continue
        unsigned.append(name)
        if last is not None and seal["sealedAt"] < last - 60000:
            raise Wrong("seals.jsonl:%d" % number, "older than the last head, and unsigned")
    return unsigned[::-1]


def check_entries(files, tips, last):
    read, before = [], None
    for n, entry in values(files, "entries.jsonl"):
        at = "entries.jsonl:%d" % n
        link = entry["link"]
        if canonical(entry).encode("utf-8") != lines_of(files, "entries.jsonl")[n - 1]:
            raise Wrong(at, "not canonical")
        if link["version"] != 1 or not link["stream"].startswith("@") or entry["hash"] != digest_of(link):
            raise Wrong(at, "its hash is not that of its link")
        if ("salt" in entry) != ("body" in entry):
            raise Wrong(at, "salt and body go together")
        if "salt" in entry:
            if not is_salt(entry["salt"]) or sha(bytes.fromhex(entry["salt"]) + canonical(entry["body"]).encode("utf-8")) != link["content"]:
                raise Wrong(at, "what it says is not what was sealed")
        if link["seq"] == 0 and link["previous"] != NONE:
            raise Wrong(at, "the first names a previous one")
        if before is not None:
            if before["stream"] == link["stream"] and before["seq"] + 1 == link["seq"]:
                if link["previous"] != digest_of(before) or link["at"] < before["at"]:
                    raise Wrong(at, "it does not follow the one before it")
            elif (before["stream"], before["seq"]) >= (link["stream"], link["seq"]):
                raise Wrong(at, "out of order, or twice")
        before = link
        read.append(entry)
    unsigned, after, after_signed = [], None, False
    for entry in reversed(read):
        link = entry["link"]
        follows = after is not None and after["stream"] == link["stream"] and after["seq"] == link["seq"] + 1
        good = entry["hash"] in tips or (follows and after_signed)
        if not good:
            unsigned.append("%s.%d" % (link["stream"], link["seq"]))
            if last is not None and link["at"] < last - 60000:
                raise Wrong("entries.jsonl:%d" % (read.index(entry) + 1), "older than the last head, and unsigned")
        after, after_signed = link, good
    return unsigned[::-1]


def verify(data, first=None):
    try:
        at = "zip"
        entries = read_zip(data)
        files = {path: body for path, _, _, body in entries}
        for path in NEEDED:
            if path not in files:
                raise Wrong(path, "it is missing")
        at = "keys.jsonl"
        keys = check_keys(files, first)
        at = "manifest.json"
        manifest, damaged = check_sums(entries, files, keys)
        try:
            at = "seals.jsonl"
            seals = read_seals(files)
            at = "records.jsonl"
            check_records(files, seals, manifest)
            at = "tips.jsonl"
            tips, last = check_tips(files, keys)
            at = "seals.jsonl"
            unsigned = check_chains(seals, tips, last)
            at = "entries.jsonl"
            unsigned += check_entries(files, tips, last)
        except Wrong:
            raise
        if damaged:
            raise Wrong(damaged[0], "it is not what SHA256SUMS lists, or not signed")
        return {"ok": True, "at": None, "records": manifest["records"], "unsigned": unsigned}
    except Wrong as wrong:
        return {"ok": False, "at": wrong.at or at, "problem": wrong.problem}
    except (KeyError, ValueError, TypeError, AttributeError, struct.error, RecursionError) as error:
        return {"ok": False, "at": at, "problem": repr(error)}


def main(arguments):
    if arguments == ["--serve"]:
        for line in sys.stdin:
            path, _, first = line.rstrip("\n").partition("\t")
            with open(path, "rb") as file:
                print(json.dumps(verify(file.read(), first or None)), flush=True)
        return 0
    first = arguments[arguments.index("--key") + 1] if "--key" in arguments else None
    with open(arguments[0], "rb") as file:
        result = verify(file.read(), first)
    print(json.dumps(result))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
