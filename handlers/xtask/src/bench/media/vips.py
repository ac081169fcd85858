"""The same set of files by libvips, as often as asked; prints the CPU seconds of one and libvips's version."""

import json
import resource
import sys

import pyvips

path, rounds = sys.argv[1], int(sys.argv[2])
source = open(path, "rb").read()


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def save(picture):
    picture.webpsave_buffer(Q=80, effort=2)
    picture.jpegsave_buffer(Q=82)


before = cpu()
for _ in range(rounds):
    picture = pyvips.Image.thumbnail_buffer(source, 2048, height=10**7).copy_memory()
    save(picture)
    for width in (1280, 640, 320):
        picture = picture.thumbnail_image(width, height=10**7).copy_memory()
        save(picture)
        if width == 640:
            save(picture.thumbnail_image(480, height=480, crop="centre"))
print(json.dumps({"cpu": (cpu() - before) / rounds, "version": ".".join(str(pyvips.version(part)) for part in range(3))}))
