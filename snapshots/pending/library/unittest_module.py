# unittest, doctest and mock, with deterministic output.
import doctest
import io
import unittest
from unittest import mock


class T(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = ["class"]

    def setUp(self):
        self.addCleanup(self.log.append, "cleanup")

    def test_equal(self):
        self.assertEqual(1 + 1, 2)
        self.assertAlmostEqual(0.1 + 0.2, 0.3)
        self.assertIn(1, [1])
        self.assertRaises(ValueError, int, "x")
        with self.assertRaisesRegex(KeyError, "k"):
            {}["k"]

    def test_fails(self):
        self.assertEqual([1, 2, 3], [1, 5, 3])

    def test_error(self):
        raise RuntimeError("unexpected")

    @unittest.skip("not today")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.assertTrue(False)

    def test_subtests(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)


stream = io.StringIO()
result = unittest.TextTestRunner(stream, verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(T))
print(result.testsRun, len(result.failures), len(result.errors), len(result.skipped), len(result.expectedFailures), result.wasSuccessful(), T.log)
for line in stream.getvalue().splitlines():
    if "..." in line or line.startswith(("FAILED", "AssertionError", "RuntimeError", "First", "- ", "+ ", "? ")):
        print(line)
m = mock.Mock(return_value=5, name="thing")
print(m(1, k=2), m.called, m.call_args, m.attribute.deep(3) is m.attribute.deep.return_value, m.mock_calls)
m.assert_called_once_with(1, k=2)
try:
    m.assert_called_with(9)
except AssertionError as error:
    print(error)
with mock.patch("os.getcwd", return_value="/patched"), mock.patch.dict("os.environ", {"X": "1"}):
    import os

    print(os.getcwd(), os.environ["X"])
s = mock.MagicMock(side_effect=[1, ValueError("side")])
s.__len__.return_value = 7
print(s(), len(s), mock.ANY == 5, mock.call(1, a=2), mock.sentinel.x)
try:
    s()
except ValueError as error:
    print(error)
spec = mock.create_autospec(len)
try:
    spec()
except TypeError as error:
    print(error)


def documented(x):
    """
    >>> documented(2)
    4
    >>> documented("a")
    'wrong'
    >>> documented(None)
    Traceback (most recent call last):
    ...
    TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
    """
    return x * 2


out = io.StringIO()
runner = doctest.DocTestRunner(verbose=False)
for test in doctest.DocTestFinder().find(documented, "documented", globs={"documented": documented}):
    print(runner.run(test, out=out.write))
print("\n".join(line for line in out.getvalue().splitlines() if "line" not in line))
