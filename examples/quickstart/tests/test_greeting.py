import os
import unittest

from greeter import GREETINGS, greet

LANGUAGE = os.environ.get("LANGUAGE", "en")
LOUD = os.environ.get("VOICE") == "loud"


class GreetingTest(unittest.TestCase):
    def test_names_the_person(self) -> None:
        self.assertIn("ada", greet("Ada", LANGUAGE, loud=LOUD).lower())

    def test_speaks_the_language(self) -> None:
        self.assertTrue(greet("Ada", LANGUAGE, loud=LOUD).lower().startswith(GREETINGS[LANGUAGE].lower()))

    def test_is_as_loud_as_asked(self) -> None:
        self.assertEqual(LOUD, greet("Ada", LANGUAGE, loud=LOUD).isupper())

    def test_knows_no_other_language(self) -> None:
        with self.assertRaises(KeyError):
            greet("Ada", "xx")
