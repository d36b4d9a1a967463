"""A second verifier of receipts, written from docs/receipts.md alone, in the standard library of Python 3.

    python3 verify_receipt.py FOLDER      # receipt.json and the files beside it, of a job in one piece or in parts; prints what is wrong, and
                                          # ends with 1 then

Ed25519 is verified as in RFC 8032, section 6, ECDSA as in FIPS 186-5, section 6.4.2. Slow, and meant to be read.
"""
import base64
import hashlib
import hmac
import json
import math
import struct
import sys
from decimal import Decimal
from pathlib import Path


def sha(data):
    return hashlib.sha256(data).digest()


# --- RFC 8785 ---


def number(value):
    if isinstance(value, int):
        if abs(value) >= 10**21:
            return number(float(value))
        return str(value)
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    exponent += len(digits) - len(text)
    point = len(text) + exponent
    if len(text) <= point <= 21:
        body = text + "0" * (point - len(text))
    elif 0 < point <= 21:
        body = text[:point] + "." + text[point:]
    elif -6 < point <= 0:
        body = "0." + "0" * -point + text
    else:
        mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
        body = mantissa + "e" + ("+" if point > 0 else "-") + str(abs(point - 1))
    return ("-" if sign else "") + body


def canonical(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"


# --- RFC 8032 ---

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(s, p):
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = add(q, p)
        p = add(p, p)
        s >>= 1
    return q


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * ROOT % P
    if (x * x - x2) % P != 0 or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public, message, signature):
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    p, q = times(s, BASE), add(r, times(h, a))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


# --- FIPS 186-5: P-256, in the coordinates X / Z^2, Y / Z^3 ---

FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    1,
)


def twice(p):
    x, y, z = p
    if z == 0:
        return p
    m = 3 * (x - z * z) * (x + z * z) % FIELD
    s = 4 * x * y * y % FIELD
    x3 = (m * m - 2 * s) % FIELD
    return x3, (m * (s - x3) - 8 * y**4) % FIELD, 2 * y * z % FIELD


def plus(p, q):
    if p[2] == 0 or q[2] == 0:
        return q if p[2] == 0 else p
    z1, z2 = p[2] * p[2] % FIELD, q[2] * q[2] % FIELD
    u1, u2 = p[0] * z2 % FIELD, q[0] * z1 % FIELD
    s1, s2 = p[1] * z2 * q[2] % FIELD, q[1] * z1 * p[2] % FIELD
    if u1 == u2:
        return twice(p) if s1 == s2 else (1, 1, 0)
    h, r = u2 - u1, s2 - s1
    x3 = (r * r - h**3 - 2 * u1 * h * h) % FIELD
    return x3, (r * (u1 * h * h - x3) - s1 * h**3) % FIELD, h * p[2] * q[2] % FIELD


def is_signed_by_volunteer(public, message, signature):
    x, y = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(public) != 65 or public[0] != 4 or max(x, y) >= FIELD or (y * y - x**3 + 3 * x - B) % FIELD != 0:
        return False
    if len(signature) != 64 or not 0 < r < ORDER or not 0 < s < ORDER:
        return False
    w = pow(s, -1, ORDER)
    u, v = int.from_bytes(sha(message), "big") * w % ORDER, r * w % ORDER
    own, total = (x, y, 1), (1, 1, 0)
    both = plus(G, own)
    for bit in range(255, -1, -1):
        total = twice(total)
        chosen = (u >> bit & 1) + 2 * (v >> bit & 1)
        if chosen:
            total = plus(total, (None, G, own, both)[chosen])
    return total[2] != 0 and total[0] * pow(total[2], -2, FIELD) % FIELD % ORDER == r


# --- the receipt ---


class Broken(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Broken(what)


def message(name, value):
    return (name + "\n" + canonical(value)).encode()


def root(leaves):
    """Of RFC 6962, section 2.1."""
    if not leaves:
        return sha(b"")
    level = [sha(b"\0" + leaf) for leaf in leaves]

    def of(nodes):
        if len(nodes) == 1:
            return nodes[0]
        half = 1 << (len(nodes) - 1).bit_length() - 1
        return sha(b"\1" + of(nodes[:half]) + of(nodes[half:]))

    return of(level)


def read_receipt(data):
    value = json.loads(data.decode("utf-8"))
    own = data[:-1] if data.endswith(b"\n") else data
    require(canonical(value).encode() == own, "form")
    return value


def check_keys(keys):
    ids = [sha(base64.b64decode(key["publicKey"])).hex()[:32] for key in keys]
    for place, key in enumerate(keys):
        body = {name: key[name] for name in ("before", "fromMs", "publicKey")}
        if key["before"] is not None:
            require(place > 0 and key["before"] == ids[place - 1], f"keys: key {place + 1} does not follow")
        signer = keys[place if key["before"] is None else place - 1]["publicKey"]
        signature = base64.b64decode(key["signature"])
        require(is_signed(base64.b64decode(signer), message("paritab-receipt-key-1", body), signature), "keys")
    return ids


def check_statements(receipt):
    require(set(receipt) == {"format", "keys", "statements"} and receipt["format"] == "paritab-receipt-1", "form")
    ids = check_keys(receipt["keys"])
    before, last = "0" * 64, 0
    for seq, statement in enumerate(receipt["statements"]):
        body = statement["body"]
        require(body["seq"] == seq and body["before"] == before, f"statements: {seq} is missing or moved")
        require((seq == 0) == (body["what"] == "ended"), f"statements: {seq}")
        require(body["jobId"] == receipt["statements"][0]["body"]["jobId"], f"statements: {seq} is of another job")
        require(body["keyId"] in ids and ids.index(body["keyId"]) >= last, f"statements: key of {seq}")
        last = ids.index(body["keyId"])
        public = base64.b64decode(receipt["keys"][last]["publicKey"])
        signature = base64.b64decode(statement["signature"])
        require(is_signed(public, message("paritab-receipt-1", body), signature), f"statements: signature of {seq}")
        before = sha(canonical(statement).encode()).hex()
    require(last == len(ids) - 1, "keys: the last one signed nothing")


RECORD = struct.Struct("<BBHIId32s")
MARKS = ["missing", "unchecked", "estimated", "audited", "exact", "non-finite"]


def npy(descr, shape, data):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + bytes(data)


def check_rows(body, data, answers):
    records = [data[at : at + 52] for at in range(0, len(data), 52)]
    rows = [RECORD.unpack(record) for record in records]
    require(len(rows) == body["trees"]["rows"]["count"], "rows: their number")
    require(root(records).hex() == body["trees"]["rows"]["root"], "rows: their root")
    said = body["receipt"]
    require(sha(answers).hex() == said["hashes"]["answers"], "answers")
    length = struct.unpack_from("<H", answers, 8)[0]
    width = (len(answers) - 10 - length) // max(1, len(rows))
    for place, row in enumerate(rows):
        at = 10 + length + place * width
        require(sha(answers[at : at + width]) == row[6], f"answers: answer {place}")
    counts = said["answers"]
    require(counts["queryCount"] == len(rows), "counts: queryCount")
    for mark, name in enumerate(MARKS):
        require(counts["byMark"].get(name, 0) == sum(row[0] == mark for row in rows), f"counts: {name}")
    require(counts["final"] == sum(row[1] & 1 for row in rows), "counts: final")
    require(counts["labelAmbiguous"] == sum(row[1] >> 1 for row in rows), "counts: labelAmbiguous")
    bounds = [row[5] for row in rows if row[0] == 3 and not math.isnan(row[5])]
    total = 0.0
    for bound in bounds:
        total += bound
    require(counts["boundMax"] == (max(bounds) if bounds else None), "counts: boundMax")
    require(counts["wrongExpectedMax"] == total, "counts: wrongExpectedMax")
    require(sha(npy("|u1", (len(rows),), [row[0] for row in rows])).hex() == said["hashes"]["marks"], "counts: marks")
    return rows


def draw(secret, round_index, worker, volunteer, size, count):
    def words():
        block = 0
        while True:
            text = f"rows:{round_index}:{worker}:{volunteer}:{block}"
            yield from struct.unpack(">8I", hmac.new(secret, text.encode(), hashlib.sha256).digest())
            block += 1

    source, order = words(), list(range(size))
    for i in range(count):
        left = size - i
        word = next(word for word in source if word < 2**32 // left * left)
        j = i + word % left
        order[i], order[j] = order[j], order[i]
    return order[:count]


def is_anchor(secret, job, place, attempt, share):
    digest = hmac.new(secret, f"anchor:{job}:{place}:{attempt}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:7], "big") >> 4 < share * 2**52


def check_draws(body, rows, lines):
    said = body["commitment"]
    secret = bytes.fromhex(body["opened"])
    text = f"coins:{body['opened']}:{said['nonce']}:{said['queries']}"
    require(sha(text.encode()).hex() == said["commitment"], "commitment")
    require(len(lines) == body["trees"]["batches"]["count"], "batches: their number")
    require(root([line.encode() for line in lines]).hex() == body["trees"]["batches"]["root"], "batches: their root")
    if body["receipt"]["verification"] != "audits":
        return
    batches = {}
    for line in lines:
        batch = json.loads(line)
        require(canonical(batch) == line, "batches: form")
        batches[batch[0], batch[1]] = batch, [None] * batch[3]
    placeless = 0
    for mark, _, worker, round_index, place, _, _ in rows:
        if (round_index, worker) in batches:
            batches[round_index, worker][1][place] = mark
        elif mark == 3:
            placeless += 1
    for (round_index, worker), (batch, marks) in batches.items():
        _, _, volunteer, size, drawn, opinion, _, names = batch
        if all(mark is None for mark in marks):
            continue
        where = f"draws: round {round_index}, worker index {worker}"
        require(placeless == 0, "draws: audited answers of no batch")
        require(None not in marks[:-1], where + ": hidden rows")
        floor = min(size, max(1, math.ceil(size / 20)))
        if 3 in marks and names is None:
            require(drawn > 0 or opinion is not None, where + ": nothing drawn")
            require(drawn >= floor or body["auditShareMax"] < 4, where + ": too few drawn")
        first = draw(secret, round_index, worker, volunteer, size, min(size, drawn if opinion is None else min(floor, drawn)))
        choices = [first]
        if names is not None and body["anchorShare"] is not None:
            attempt, start, stride = names
            anchors = [
                r for r in range(size) if is_anchor(secret, body["jobId"], start + r * stride, attempt, body["anchorShare"])
            ]
            beside = min(size, max(0, drawn - len(anchors))) if opinion is None else 0
            choices = [anchors + draw(secret, round_index, worker, volunteer, size, beside)]
            if drawn >= floor:
                choices.append(first)
            if body["auditShareMax"] < 4:
                for kept in range(min(len(anchors), drawn), -1, -1):
                    beside = min(size, drawn - kept) if opinion is None else 0
                    choices.append(anchors[:kept] + draw(secret, round_index, worker, volunteer, size, beside))
        require(any(all(marks[row] in (None, 4, 5) for row in asked) for asked in choices), where + ": not computed")


def check_signatures(body, rows, lines, batches):
    """A line for each result that its volunteer signed; answers that are its own are rows of it, each once."""
    tree = body.get("signatures")
    if tree is None:
        return
    require(len(lines) == tree["count"], "signatures: their number")
    require(root([line.encode() for line in lines]).hex() == tree["root"], "signatures: their root")
    volunteers = {(batch[0], batch[1]): batch[2] for batch in map(json.loads, batches)}
    answers = {}
    for mark, _, worker, round_index, _, _, digest in rows:
        if mark in (1, 3):
            answers.setdefault((round_index, worker), []).append(digest[:16])
    before = (-1, -1)
    for line in lines:
        round_index, worker, assignment, public, hashes, signature = json.loads(line)
        require(canonical(json.loads(line)) == line, "signatures: form")
        place = round_index, worker
        where = f"signatures: round {round_index}, worker index {worker}"
        require(place > before, where + ": order")
        before = place
        key, signed = base64.b64decode(public), base64.b64decode(hashes)
        require(volunteers.get(place) == sha(key).hex()[:32], where + ": of somebody else")
        text = message("paritab-result-1", [body["jobId"], assignment, sha(signed).hex()])
        require(is_signed_by_volunteer(key, text, base64.b64decode(signature)), where + ": not signed")
        left = [signed[at : at + 16] for at in range(0, len(signed), 16)]
        for digest in answers.get(place, []):
            require(digest in left, where + ": an answer that was not signed")
            left.remove(digest)


def check_authors(body, rows, files):
    """Of a job whose rows went out one by one: authors, the coins of final answers, and what volunteers signed."""
    names = json.loads(files["authors.json"])
    require(canonical(names).encode() == files["authors.json"] and len(set(names)) == len(names), "authors: their names")
    data, shares, secret = files["authors.bin"], body["onRows"], body["opened"] and bytes.fromhex(body["opened"])
    require(len(data) == 8 * len(rows), "authors: their number")
    records = [struct.unpack_from("<HHHH", data, 8 * query) for query in range(len(rows))]
    for query, ((mark, flags, *_), (author, partner, attempt, block)) in enumerate(zip(rows, records)):
        where = f"authors: answer {query}"
        require(max(author, partner) < len(names) + 2 and (author < 2 or author != partner), where)
        require(mark not in (1, 3) or author >= 2 or flags & 1 == 0, where + ": nobody's")
        if mark != 3 or flags & 1 == 0:
            continue
        require(block != 0xFFFF, where + ": final, and of no block")
        if secret is None:
            continue
        digest = hmac.new(secret, f"coin:{body['jobId']}:{query}:{attempt}".encode(), hashlib.sha256).digest()
        coin = (int.from_bytes(digest[:7], "big") >> 4) / 2**52
        require(coin >= shares["anchorShare"], where + ": drawn, and not computed by the coordinator")
        require(partner > 0 or coin >= shares["anchorShare"] + shares["duplicateShare"], where + ": no second word")
    check_author_signatures(body, rows, records, names, files.get("signatures.jsonl", b"").decode().splitlines())


def check_author_signatures(body, rows, records, names, lines):
    """Each claim that its volunteer signed; its answers are rows of what it signed."""
    tree = body.get("signatures")
    if tree is None:
        return
    require(len(lines) == tree["count"], "signatures: their number")
    require(root([line.encode() for line in lines]).hex() == tree["root"], "signatures: their root")
    signed_by = {}
    for place, line in enumerate(lines):
        count, zero, assignment, public, hashes, signature = json.loads(line)
        require(canonical(json.loads(line)) == line and (count, zero) == (place, 0), "signatures: form")
        key, signed = base64.b64decode(public), base64.b64decode(hashes)
        signer = sha(key).hex()[:32]
        require(signer in names, f"signatures: line {place}: of nobody")
        text = message("paritab-result-1", [body["jobId"], assignment, sha(signed).hex()])
        require(is_signed_by_volunteer(key, text, base64.b64decode(signature)), f"signatures: line {place}: not signed")
        signed_by.setdefault(signer, set()).update(signed[at : at + 16] for at in range(0, len(signed), 16))
    for query, ((mark, *_, digest), (author, *_)) in enumerate(zip(rows, records)):
        own = signed_by.get(names[author - 2]) if mark in (1, 3) else None
        require(own is None or digest[:16] in own, f"signatures: answer {query} was not signed")


def check_rounds(body, files):
    """A line for each update of a regression: the arrays after it, and the products that went into it."""
    lines = files["rounds.jsonl"].decode().splitlines()
    require(len(lines) == body["rounds"]["count"], "rounds: their number")
    require(root([line.encode() for line in lines]).hex() == body["rounds"]["root"], "rounds: their root")
    after, names = {}, []
    for place, line in enumerate(lines):
        iteration, arrays, products = json.loads(line)
        require(canonical(json.loads(line)) == line and iteration == place + 1, f"rounds: line {place + 1}")
        names = [name for name, _ in arrays]
        after[iteration] = dict(arrays)
        for product, _, _, shard, volunteer, digest, assignment, public, signature in products:
            if public is None:
                continue
            where = f"signatures: iteration {iteration}, {product} product of shard {shard}"
            key = base64.b64decode(public)
            require(sha(key).hex()[:32] == volunteer, where + ": of somebody else")
            text = message("paritab-result-1", [body["jobId"], assignment, digest])
            require(is_signed_by_volunteer(key, text, base64.b64decode(signature)), where + ": not signed")
    said = body["receipt"]
    weights = said["weightsSha256"]
    require(weights is None or any(one["weights"] == weights for one in after.values()), "rounds: the weights")
    kept, alike = files["checkpoints.bin"], said["columns"] * said["classes"]
    counts = dict(said.get("preparation", {}).get("arrays", []))
    sizes = [8 * counts.get(name, alike) for name in names]
    step = 8 + sum(sizes)
    require(len(kept) % step == 0, "checkpoints: their length")
    for at in range(0, len(kept), step):
        iteration = int(struct.unpack_from("<d", kept, at)[0])
        start = at + 8
        for name, size in zip(names, sizes):
            own = kept[start : start + size]
            start += size
            require(after[iteration][name] == sha(own).hex(), f"checkpoints: iteration {iteration}")


def check_job(receipt, read, answers):
    """read: the bytes of a file beside it, by its name"""
    check_statements(receipt)
    body = receipt["statements"][0]["body"]
    files = {}
    for file in body["files"]:
        data = read(file["name"])
        require(len(data) == file["bytes"] and sha(data).hex() == file["sha256"], f"files: {file['name']}")
        files[file["name"]] = data
    if "rounds" in body:
        check_rounds(body, files)
    if body["receipt"]["kind"] == "inference":
        rows = check_rows(body, files["rows.bin"], answers())
        if "onRows" in body:
            return check_authors(body, rows, files)
        batches = files["batches.jsonl"].decode().splitlines()
        check_draws(body, rows, batches)
        check_signatures(body, rows, files.get("signatures.jsonl", b"").decode().splitlines(), batches)


def asked_for(receipt):
    """What all parts of one job have alike: in receipts of earlier versions each had rounds of its own size."""
    hashes = receipt["hashes"]
    settings = {name: value for name, value in receipt["submission"].items() if name != "groupsPerRound"}
    return canonical([hashes["model"], hashes["queries"], hashes.get("labels"), settings])


def check_tiles(receipt):
    """Each query is in one part, and the receipts are those of these parts."""
    body, parts = receipt["whole"]["body"], receipt["parts"]
    require(len(parts) == len(body["parts"]) > 0, "parts: their number")
    place = 0
    for index, (said, part) in enumerate(zip(body["parts"], parts)):
        where = f"parts: part {index}"
        first = part["statements"][0]
        own = first["body"]["receipt"]
        require(said["firstQuery"] == place and said["queryCount"] > 0, where + ": a gap, or an overlap")
        place += said["queryCount"]
        require(sha(canonical(first).encode()).hex() == said["statement"], where + ": another receipt")
        require(first["body"]["jobId"] == own["jobId"] == said["jobId"], where + ": of another job")
        of = {"firstQuery": said["firstQuery"], "jobId": body["jobId"]}
        require(own["partOf"] == of and own["answers"]["queryCount"] == said["queryCount"], where + ": other queries")
        require(asked_for(own) == asked_for(parts[0]["statements"][0]["body"]["receipt"]), where + ": asked for otherwise")
        keys = zip(receipt["keys"], part["keys"])
        require(all(ours["publicKey"] == theirs["publicKey"] for ours, theirs in keys), where + ": other keys")
    require(place == body["queryCount"], "parts: the number of all queries")
    require(len({said["jobId"] for said in body["parts"]}) == len(parts), "parts: one is there twice")


def check_whole(receipt, read, answers):
    require(set(receipt) == {"format", "keys", "whole", "parts"}, "form")
    ids = check_keys(receipt["keys"])
    body, signature = receipt["whole"]["body"], base64.b64decode(receipt["whole"]["signature"])
    public = base64.b64decode(receipt["keys"][-1]["publicKey"])
    require(ids[-1] == body["keyId"] and body["format"] == receipt["format"], "whole: its key")
    require(is_signed(public, message("paritab-whole-receipt-1", body), signature), "whole: its signature")
    check_tiles(receipt)
    data = answers()
    start = 10 + struct.unpack_from("<H", data, 8)[0]
    row = (len(data) - start) // body["queryCount"]
    require(start + row * body["queryCount"] == len(data), "answers: their number")
    for index, (said, part) in enumerate(zip(body["parts"], receipt["parts"])):
        at = start + said["firstQuery"] * row
        count = said["queryCount"]
        own = npy("<f4", (count, row // 4), data[at : at + count * row])
        check_job(part, lambda name: read(f"{index}.{name}"), lambda: own)


def verify(folder):
    folder = Path(folder)
    read = lambda name: (folder / name).read_bytes()
    receipt = read_receipt(read("receipt.json"))
    check = check_whole if receipt["format"] == "paritab-whole-receipt-1" else check_job
    check(receipt, read, lambda: read("answers.npy"))


if __name__ == "__main__":
    code = 0
    for name in sys.argv[1:]:
        try:
            verify(name)
            print(f"{name}: holds")
        except (Broken, ValueError, KeyError, TypeError, IndexError, AttributeError, struct.error) as error:
            print(f"{name}: {type(error).__name__} {error}")
            code = 1
    sys.exit(code)
