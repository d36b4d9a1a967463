"""Writes draws.json: commitments and draws as docs/receipts.md tells them. python3 draws.py > draws.json"""
import hashlib
import hmac
import json


def commitment(secret, nonce, queries):
    return hashlib.sha256(f"coins:{secret.hex()}:{nonce}:{queries}".encode()).hexdigest()


def words(secret, place):
    block = 0
    while True:
        text = f"rows:{place['roundIndex']}:{place['workerIndex']}:{place['volunteerId']}:{block}"
        digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        for at in range(0, 32, 4):
            yield int.from_bytes(digest[at : at + 4], "big")
        block += 1


def draw(secret, place, rows, count):
    source = words(secret, place)
    order = list(range(rows))
    for i in range(count):
        left = rows - i
        limit = 2**32 // left * left
        word = next(w for w in source if w < limit)
        j = i + word % left
        order[i], order[j] = order[j], order[i]
    return order[:count]


cases = []
for case in range(24):
    secret = hashlib.sha256(f"secret {case}".encode()).digest()
    rows = [1, 2, 7, 40, 1000, 65537][case % 6]
    count = [0, 1, rows // 2, rows][case % 4]
    place = {"roundIndex": 37 * case, "workerIndex": case % 5, "volunteerId": f"{case:032x}"}
    nonce = ["", "n1", "Zm9v_-"][case % 3]
    queries = ["stream", "ab" * 32][case % 2]
    drawn = draw(secret, place, rows, min(count, 100))
    known = {"secret": secret.hex(), "nonce": nonce, "queries": queries}
    cases.append({**known, "commitment": commitment(secret, nonce, queries), "place": place, "rows": rows, "drawn": drawn})
print(json.dumps(cases))
