"""The people: `python -m bench.load.client` reads a job from standard input and writes what it saw.

A lean HTTP client on bare sockets, so that the generator takes as little as possible of the machine it shares
with the server. Every client is one person with one connection and waits for each reply.
"""

import asyncio
import json
import sys
import time
from typing import Any

try:
    import uvloop

    run = uvloop.run
except ImportError:
    run = asyncio.run

BODY = b'{"answers": {"topic": "sport"}, "seconds": 1.5}'


class Person:
    """One person at one connection."""

    def __init__(self, port: int, token: str, project: int) -> None:
        self.port, self.token, self.project = port, token, project
        self.next_ms: list[float] = []
        self.answer_ms: list[float] = []
        self.lent: list[tuple[int, int]] = []  # (assignment, task)
        self.answered: list[tuple[int, int]] = []  # (assignment, annotation)
        self.errors: list[str] = []

    async def connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def call(self, path: str, body: bytes = b"") -> tuple[int, Any]:
        head = (
            f"POST /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        status = int(answer[9:12])
        lowered = answer.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 : lowered.index(b"\r\n", at)]) if at >= 0 else 0
        content = await self.reader.readexactly(length) if length else b""
        return status, content

    async def next(self) -> int | None:
        start = time.perf_counter()
        status, content = await self.call(f"/projects/{self.project}/assignments")
        self.next_ms.append((time.perf_counter() - start) * 1_000)
        if status != 201:
            if status != 204:
                self.errors.append(f"next {status} {content[:200]!r}")
            return None
        lent = json.loads(content)
        self.lent.append((lent["id"], lent["task"]))
        return int(lent["id"])

    async def answer(self, assignment: int) -> None:
        start = time.perf_counter()
        status, content = await self.call(f"/assignments/{assignment}/answer", BODY)
        self.answer_ms.append((time.perf_counter() - start) * 1_000)
        if status == 200:
            self.answered.append((assignment, json.loads(content)["annotation"]))
        else:
            self.errors.append(f"answer {status} {content[:200]!r}")


async def pairs(people: list[Person], seconds: float, pace: float | None) -> None:
    """Next and answer in turn without pause, or each person at `pace` pairs a second."""
    end = time.perf_counter() + seconds

    async def work(person: Person, number: int) -> None:
        due = time.perf_counter() + (number / len(people) / pace if pace else 0)
        while time.perf_counter() < end:
            if pace:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                due += 1 / pace
            assignment = await person.next()
            if assignment is None:
                return
            await person.answer(assignment)

    await all_of(people, work)


async def only_next(people: list[Person], each: int) -> None:
    async def work(person: Person, number: int) -> None:
        for _ in range(each):
            await person.next()

    await all_of(people, work)


async def only_answer(people: list[Person], held: list[list[int]]) -> None:
    async def work(person: Person, number: int) -> None:
        for assignment in held[number]:
            await person.answer(assignment)

    await all_of(people, work)


async def all_of(people: list[Person], work: Any) -> None:
    """Everybody works until they are done or the server is gone."""

    async def guarded(person: Person, number: int) -> None:
        try:
            await work(person, number)
        except (OSError, asyncio.IncompleteReadError) as error:
            person.errors.append(f"gone: {type(error).__name__}")

    await asyncio.gather(*(guarded(person, number) for number, person in enumerate(people)))


async def main(job: dict[str, Any]) -> dict[str, Any]:
    people = [Person(job["port"], token, job["project"]) for token in job["tokens"]]
    await asyncio.gather(*(person.connect() for person in people))
    start = time.perf_counter()
    if job["do"] == "pairs":
        await pairs(people, job["seconds"], job.get("pace"))
    elif job["do"] == "next":
        await only_next(people, job["each"])
    else:
        await only_answer(people, job["held"])
    return {
        "seconds": time.perf_counter() - start,
        "next_ms": [ms for person in people for ms in person.next_ms],
        "answer_ms": [ms for person in people for ms in person.answer_ms],
        "lent": [person.lent for person in people],
        "answered": [one for person in people for one in person.answered],
        "errors": [error for person in people for error in person.errors],
        "cpu_ms": time.process_time() * 1_000,
    }


if __name__ == "__main__":
    json.dump(run(main(json.load(sys.stdin))), sys.stdout)
