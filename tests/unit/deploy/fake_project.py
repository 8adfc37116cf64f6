"""A project without gcloud: it knows of the steps' commands what they make, show and take away, and nothing else."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from blueprint.gcloud import Command, GcloudError
from deploy.step import Step, filled


@dataclass
class FakeProject:
    """`run` stands for gcloud. `faults` are what it says, once each, instead of doing what a command tells it."""

    steps: list[Step]
    made: dict[str, str | None] = field(default_factory=dict)  # sentences of steps, and the payloads they took
    journal: list[Command] = field(default_factory=list)
    answers: dict[Command, str] = field(default_factory=dict)  # to questions that no step asks
    faults: dict[int, str] = field(default_factory=dict)  # by their place in the journal

    def __post_init__(self) -> None:
        self._steps: defaultdict[tuple[str, Command], list[Step]] = defaultdict(list)
        for step in self.steps:
            for part in ("check", "command", "update", "undo"):
                self._steps[part, of_any_topic(filled_by_names(step, part))].append(step)

    def run(self, command: Command, payload: str | None = None) -> str:
        self.journal.append(command)
        if said := self.faults.pop(len(self.journal) - 1, None):
            raise GcloudError(command, said)
        if command in self.answers:
            return self.answers[command]
        if undone := self._of("undo", command):
            return self._take_away(command, undone)
        if asking := self._of("check", command):
            # What a step with a command would be refused for is of others, and this project holds nothing of others.
            made = [step for step in asking if step.sentence in self.made and not (step.command and step.refusal)]
            found = [step.there or printed(step) for step in made]
            return "\n".join(dict.fromkeys(found))
        making = [*self._of("command", command), *self._of("update", command)]
        self.made |= {step.sentence: payload for step in making}
        return printed(making[0]) if making else ""

    def changes(self) -> list[Command]:
        """What was called, questions left out."""
        return [command for command in self.journal if not self._of("check", command)]

    def _of(self, part: str, command: Command) -> list[Step]:
        return self._steps[part, of_any_topic(command)]

    def _take_away(self, command: Command, steps: Iterable[Step]) -> str:
        if not [self.made.pop(step.sentence) for step in steps if step.sentence in self.made]:
            raise GcloudError(command, "NOT_FOUND: Resource not found")
        return ""


def of_any_topic(command: Command) -> Command:
    """A list of subscriptions: here they are all on Usher's topics."""
    return tuple(word for word in command if not word.startswith("--filter=topic="))


def printed(step: Step) -> str:
    """What the step's command prints, and its check where it looks for no line."""
    return f"the-{step.fills or step.sentence}"


def filled_by_names(step: Step, part: str) -> Command:
    """A command of the step with what stands for variables."""
    return filled(getattr(step, part), Names(FOUND=printed(step)))


class Names(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"the-{name}"
