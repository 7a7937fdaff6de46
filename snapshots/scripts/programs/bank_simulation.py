# Classes working together: accounts, transactions with rollback, observers, reports.
from abc import ABC, abstractmethod
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal


class InsufficientFunds(Exception):
    def __init__(self, account, amount):
        super().__init__(f"{account.owner} has {account.balance}, needs {amount}")
        self.account, self.amount = account, amount


@dataclass
class Entry:
    kind: str
    amount: Decimal


class Account(ABC):
    count = 0

    def __init__(self, owner, balance=0):
        self.owner, self.balance = owner, Decimal(balance)
        self.history = deque(maxlen=3)
        self.observers = []
        type(self).count += 1

    @property
    @abstractmethod
    def overdraft(self): ...

    def change(self, kind, amount):
        if self.balance + amount < -self.overdraft:
            raise InsufficientFunds(self, -amount)
        self.balance += amount
        self.history.append(Entry(kind, amount))
        for observer in self.observers:
            observer(self, kind)

    def __iadd__(self, amount):
        self.change("deposit", Decimal(amount))
        return self

    def __isub__(self, amount):
        self.change("withdraw", -Decimal(amount))
        return self


class Basic(Account):
    overdraft = Decimal(0)


class Premium(Account):
    overdraft = Decimal(100)


@contextmanager
def transaction(*accounts):
    saved = [(a, a.balance, a.history.copy()) for a in accounts]
    try:
        yield
    except InsufficientFunds as error:
        for account, balance, history in saved:
            account.balance, account.history = balance, history
        print("rolled back:", error)


@dataclass(order=True)
class Report:
    total: Decimal
    lines: list = field(compare=False, default_factory=list)

    def __str__(self):
        return "\n".join([*self.lines, f"{'total':.<20}{self.total:>10,.2f}"])


log = []
ann, bob = Basic("Ann", "1500.50"), Premium("Bob", 20)
bob.observers.append(lambda account, kind: log.append((account.owner, kind, str(account.balance))))
with transaction(ann, bob):
    ann -= 500
    bob += "500.25"
with transaction(ann, bob):
    bob -= 600
    bob -= 100
with transaction(bob):
    bob -= 610
print(log, ann.balance, bob.balance, [e.amount for e in bob.history], Account.count, Basic.count)
print(Report(ann.balance + bob.balance, [f"{a.owner:.<20}{a.balance:>10,.2f}" for a in (ann, bob)]))
try:
    Account("nobody")
except TypeError as error:
    print(error)
