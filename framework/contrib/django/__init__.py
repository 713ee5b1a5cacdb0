"""Django: put "framework.contrib.django" into INSTALLED_APPS, and name the application in KAFKA_APP."""
