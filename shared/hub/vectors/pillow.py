# Writes pillow.json: sizes, kinds, and the SHA-256 of what Pillow 11.1 makes of a picture that a formula draws. python3 pillow.py > pillow.json
import hashlib, json
from PIL import Image, __version__

KINDS = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]  # Pillow's numbers 0 to 5


def picture(width, height):
    values = bytes((x * 7 + y * 13 + c * 31 + (x * y * (c + 3)) % 251 + (255 if (x // 3 + y // 5) % 2 else 0)) % 256
                   for y in range(height) for x in range(width) for c in range(3))
    return Image.frombytes("RGB", (width, height), values)


cases = []
for (width, height, to_width, to_height) in [(40, 30, 16, 16), (31, 47, 64, 64), (97, 64, 97, 33), (20, 20, 7, 20), (5, 3, 50, 41), (200, 133, 224, 149)]:
    for resample, kind in enumerate(KINDS):
        resized = picture(width, height).resize((to_width, to_height), resample)
        cases.append({"width": width, "height": height, "toWidth": to_width, "toHeight": to_height, "kind": kind,
                      "sha256": hashlib.sha256(resized.tobytes()).hexdigest()})
print(json.dumps({"pillow": __version__, "cases": cases}, indent=1))
