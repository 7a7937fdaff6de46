# A small Lisp: tokenizer, parser, environments, tail calls by hand, error reports.
import operator
import re
import sys


class Env(dict):
    def __init__(self, names=(), values=(), outer=None):
        super().__init__(zip(names, values))
        self.outer = outer

    def find(self, name):
        env = self
        while env is not None:
            if name in env:
                return env
            env = env.outer
        raise NameError(f"unbound symbol {name}")


class Lambda:
    def __init__(self, params, body, env):
        self.params, self.body, self.env = params, body, env


def parse(source):
    tokens = iter(re.findall(r"[()']|[^\s()']+", source))

    def read(token):
        if token == "(":
            out = []
            for token in tokens:
                if token == ")":
                    return out
                out.append(read(token))
            raise SyntaxError("missing )")
        if token == ")":
            raise SyntaxError("stray )")
        if token == "'":
            return ["quote", read(next(tokens))]
        for kind in (int, float):
            try:
                return kind(token)
            except ValueError:
                pass
        return token

    return [read(token) for token in tokens]


def evaluate(x, env):
    while True:
        match x:
            case str():
                return env.find(x)[x]
            case int() | float():
                return x
            case ["quote", value]:
                return value
            case ["if", test, then, otherwise]:
                x = then if evaluate(test, env) else otherwise
            case ["define", name, value]:
                env[name] = evaluate(value, env)
                return None
            case ["lambda", params, body]:
                return Lambda(params, body, env)
            case ["let", bindings, body]:
                env = Env([b[0] for b in bindings], [evaluate(b[1], env) for b in bindings], env)
                x = body
            case [function, *arguments]:
                callee = evaluate(function, env)
                values = [evaluate(a, env) for a in arguments]
                if isinstance(callee, Lambda):
                    x, env = callee.body, Env(callee.params, values, callee.env)
                else:
                    return callee(*values)
            case _:
                raise SyntaxError(f"cannot evaluate {x!r}")


BASE = {"+": operator.add, "-": operator.sub, "*": operator.mul, "<": operator.lt, "=": operator.eq, "list": lambda *a: list(a), "car": lambda l: l[0], "cdr": lambda l: l[1:], "cons": lambda a, l: [a, *l], "null?": lambda l: not l}
program = """
(define fact (lambda (n) (if (< n 2) 1 (* n (fact (- n 1))))))
(define loop (lambda (n acc) (if (= n 0) acc (loop (- n 1) (+ acc n)))))
(define map (lambda (f l) (if (null? l) '() (cons (f (car l)) (map f (cdr l))))))
(define compose (lambda (f g) (lambda (x) (f (g x)))))
(fact 20) (loop 20000 0) (map fact '(1 2 3 4 5)) ((compose fact (lambda (x) (+ x 1))) 4)
(let ((x 2) (y 3)) (* x y)) '(a (b c) 1.5) (list 1 2.5)
"""
env = Env(BASE.keys(), BASE.values())
for form in parse(program):
    result = evaluate(form, env)
    if result is not None:
        print(result)
for bad in ("(undefined 1)", "(car '())", "(fact 'x)", "(", ")", "()", "(1 2)"):
    try:
        for form in parse(bad):
            print(evaluate(form, env))
    except Exception as error:
        print(bad, type(error).__name__, error)
print(sys.getrecursionlimit() > 0)
