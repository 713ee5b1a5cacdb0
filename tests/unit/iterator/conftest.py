from hypothesis import settings

# A slow machine is no bug.
settings.register_profile("patient", deadline=None, max_examples=5000)
settings.load_profile("patient")
